// SPDX-License-Identifier: MPL-2.0
// judge_test: what each answer means.
#include "support/test.h"

#include "worker/calls/judge.h"

struct row {
	int status; // 0: `failure` says it
	enum http_failure failure;
	enum verdict verdict;
	enum reason reason;
	enum lane_answer lane;
};

static const struct row rows[] = {
	{200, HTTP_FAILURE_NONE, VERDICT_GO, REASON_NONE, LANE_OK},
	{204, HTTP_FAILURE_NONE, VERDICT_GO, REASON_NONE, LANE_OK},
	{299, HTTP_FAILURE_NONE, VERDICT_GO, REASON_NONE, LANE_OK},
	{404, HTTP_FAILURE_NONE, VERDICT_GO, REASON_NONE, LANE_OK},
	{408, HTTP_FAILURE_NONE, VERDICT_RETRY, REASON_HTTP_4XX, LANE_BUSY},
	{425, HTTP_FAILURE_NONE, VERDICT_RETRY, REASON_HTTP_4XX, LANE_BUSY},
	{429, HTTP_FAILURE_NONE, VERDICT_RETRY, REASON_HTTP_4XX, LANE_BUSY},
	{500, HTTP_FAILURE_NONE, VERDICT_RETRY, REASON_HTTP_5XX, LANE_BUSY},
	{503, HTTP_FAILURE_NONE, VERDICT_RETRY, REASON_HTTP_5XX, LANE_BUSY},
	{599, HTTP_FAILURE_NONE, VERDICT_RETRY, REASON_HTTP_5XX, LANE_BUSY},
	{401, HTTP_FAILURE_NONE, VERDICT_DENIED, REASON_HTTP_4XX, LANE_DENIED},
	{403, HTTP_FAILURE_NONE, VERDICT_DENIED, REASON_HTTP_4XX, LANE_DENIED},
	{400, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_4XX, LANE_NEUTRAL},
	{405, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_4XX, LANE_NEUTRAL},
	{412, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_4XX, LANE_OK},
	{100, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_OTHER, LANE_NEUTRAL},
	{301, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_OTHER, LANE_NEUTRAL},
	{304, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_OTHER, LANE_NEUTRAL},
	{600, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_OTHER, LANE_NEUTRAL},
	{999, HTTP_FAILURE_NONE, VERDICT_FAILED, REASON_HTTP_OTHER, LANE_NEUTRAL},
	{0, HTTP_FAILURE_CONNECT, VERDICT_RETRY, REASON_CONNECT, LANE_BROKEN},
	{0, HTTP_FAILURE_TIMEOUT, VERDICT_RETRY, REASON_TIMEOUT, LANE_BROKEN},
	{0, HTTP_FAILURE_FILES, VERDICT_RETRY, REASON_STOPPED, LANE_NEUTRAL},
	{0, HTTP_FAILURE_STALE, VERDICT_RECHECK, REASON_CONNECT, LANE_NEUTRAL},
	{0, HTTP_FAILURE_OTHER, VERDICT_FAILED, REASON_HTTP_OTHER, LANE_BUSY},
};

static void judges_each_answer_as_the_table_says(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_answer answer = {.failure = rows[i].failure, .status = rows[i].status};
		struct judgement got = judge_answer(&answer);
		if (got.finding.verdict != rows[i].verdict ||
		    got.finding.reason != rows[i].reason || got.lane != rows[i].lane)
			fail_msg(
				"status %d failure %d: %d %d %d",
				rows[i].status,
				(int)rows[i].failure,
				(int)got.finding.verdict,
				(int)got.finding.reason,
				(int)got.lane
			);
	}
}

static void a_failure_outweighs_a_status(void **state) {
	(void)state;
	struct http_answer answer = {.failure = HTTP_FAILURE_CONNECT, .status = 200};
	assert_int_equal(judge_answer(&answer).finding.verdict, VERDICT_RETRY);
}

static void each_answer_is_of_a_class(void **state) {
	static const struct {
		enum http_failure failure;
		int status;
		enum tally_answer class;
	} answers[] = {
		{HTTP_FAILURE_NONE, 200, ANSWER_2XX},
		{HTTP_FAILURE_NONE, 299, ANSWER_2XX},
		{HTTP_FAILURE_NONE, 304, ANSWER_3XX},
		{HTTP_FAILURE_NONE, 404, ANSWER_4XX},
		{HTTP_FAILURE_NONE, 599, ANSWER_5XX},
		{HTTP_FAILURE_NONE, 100, ANSWER_OTHER},
		{HTTP_FAILURE_NONE, 600, ANSWER_OTHER},
		{HTTP_FAILURE_OTHER, 200, ANSWER_OTHER},
		{HTTP_FAILURE_CONNECT, 0, ANSWER_CONNECT},
		{HTTP_FAILURE_TIMEOUT, 0, ANSWER_TIMEOUT},
		{HTTP_FAILURE_STALE, 0, ANSWER_UNSENT},
		{HTTP_FAILURE_FILES, 0, ANSWER_UNSENT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct http_answer answer = {
			.failure = answers[i].failure, .status = answers[i].status};

		assert_int_equal(judge_class(&answer), answers[i].class);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_answer_as_the_table_says),
		cmocka_unit_test(a_failure_outweighs_a_status),
		cmocka_unit_test(each_answer_is_of_a_class),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
