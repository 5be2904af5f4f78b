// SPDX-License-Identifier: MPL-2.0
// tokenserver_calls_test: a record's request, and what the answer means.
#include "support/test.h"

#include "common/target/target_calls.h"
#include "common/target/target_remover.h"
#include "common/targets/tokenserver/calls.h"
#include "common/targets/tokenserver/node/signer.h"
#include "common/targets/tokenserver/remover.h"
#include "common/targets/tokenserver/state.h"
#include "support/tokenserver_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct tokenserver_config config;

static int next_call(struct task *task, struct call_plan *plan) {
	return tokenserver_calls.next(&config, &task->work, 0, plan, &task->why);
}

// What the answer means, where the engine would say `common`.
static enum verdict take(
	const struct tokenserver_config *with, struct task *task, int status, enum verdict common
) {
	const struct http_answer answer = {.status = status};

	finding_clear(&task->why);
	task->why.verdict = common;
	tokenserver_calls.take(with, &task->work, 0, &answer, &task->why);
	return task->why.verdict;
}

static void goes_to_the_node_until_its_data_is_gone(void **unused) {
	struct task *task = record_open(&config, &record_node_and_row);
	struct call_plan plan;

	(void)unused;
	assert_int_equal(next_call(task, &plan), 1);
	assert_string_equal(plan.origin, "https://n1:8000");
	assert_int_equal(take(&config, task, 204, VERDICT_GO), VERDICT_GO);
	assert_int_equal(next_call(task, &plan), 0);
	record_close(&config, task);
}

static void asks_no_node_for_a_row_alone(void **unused) {
	static const struct ruling *const rulings[] = {
		&record_nodeless, &record_held_back, &record_forced_held_back};

	(void)unused;
	for (size_t i = 0; i < sizeof(rulings) / sizeof(rulings[0]); i++) {
		struct task *task = record_open(&config, rulings[i]);
		struct call_plan plan;

		assert_int_equal(next_call(task, &plan), 0);
		record_close(&config, task);
	}
}

static void says_why_a_record_cannot_be_purged(void **unused) {
	struct task *task = record_open(&config, &record_faulty);
	struct call_plan plan;

	(void)unused;
	assert_int_equal(next_call(task, &plan), -EINVAL);
	assert_string_equal(finding_words(&task->why), "no good");
	record_close(&config, task);
}

static const char *find_header(const struct http_request *request, const char *name) {
	size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++) {
		if (strncmp(request->headers[i], name, len) == 0 && request->headers[i][len] == ':')
			return request->headers[i] + len + 2;
	}
	return NULL;
}

static int ask(const struct tokenserver_config *with, struct task *task) {
	const struct send_moment moment = {.now_s = 1700000000};
	struct http_request request = {.method = NULL};
	int err;

	finding_clear(&task->why);
	err = tokenserver_calls.make(with, &task->work, 0, &moment, &request, &task->why);
	http_request_fini(&request);
	return err;
}

static void asks_no_node_that_only_a_record_names(void **unused) {
	struct task *task = record_open(&config, &record_node_and_row);
	struct tokenserver_config allowing = config;
	struct tokenserver_config overriding = config;
	char *nodes[] = {(char *)"https://N1:8000/a"};
	struct state *state;

	(void)unused;
	tokenserver_remover.unload(&config, &task->work);
	task->candidate.checked_mono_ms = 0; // as it comes from a topic
	assert_int_equal(tokenserver_remover.load(&config, &task->work, &task->why), 0);
	assert_int_equal(ask(&config, task), -EINVAL);
	assert_string_equal(
		finding_words(&task->why),
		"the node is neither in the table nodes nor named by --allow-node"
	);
	allowing.allow_nodes = (struct conf_list){.items = nodes, .count = 1};
	assert_int_equal(ask(&allowing, task), 0);
	overriding.override_node = nodes[0];
	assert_int_equal(ask(&overriding, task), 0);
	state = task->work.state;
	assert_int_equal(state_set(state, &record_row, &record_node_and_row), 0); // a check found
										  // its row
	assert_int_equal(ask(&config, task), 0);
	record_close(&config, task);
}

static void makes_a_signed_delete(void **unused) {
	const struct send_moment moment = {.now_s = 1700000000.25, .random = "0123456789abcde"};
	struct task *task = record_open(&config, &record_node_and_row);
	struct http_request request = {.method = NULL};

	(void)unused;
	assert_int_equal(
		tokenserver_calls.make(&config, &task->work, 0, &moment, &request, &task->why), 0
	);
	assert_string_equal(request.method, "DELETE");
	assert_string_equal(request.url, "https://n1:8000/a/1.5/7");
	assert_string_equal(find_header(&request, "Host"), "n1:8000");
	assert_string_equal(find_header(&request, "Accept"), "*/*");
	assert_non_null(strstr(find_header(&request, "Authorization"), "Hawk id=\""));
	assert_non_null(strstr(find_header(&request, "Authorization"), "ts=\"1700000000\""));
	// Replaced at 1 s, and the least grace is two hours.
	assert_string_equal(find_header(&request, "X-If-Unmodified-Since"), "7201.00");
	assert_int_equal(request.header_count, 4);
	http_request_fini(&request);
	record_close(&config, task);
}

static void signs_anew_for_every_moment(void **unused) {
	const struct send_moment moments[] = {
		{.now_s = 1700000000, .random = "0123456789abcde"},
		{.now_s = 1700000000, .random = "0123456789abcde"},
		{.now_s = 1700000000, .random = "1123456789abcde"},
		{.now_s = 1700000001, .random = "0123456789abcde"},
		{.now_s = 1700000000, .random = "012X456789abcde"},
	};
	struct task *task = record_open(&config, &record_node_and_row);
	struct http_request requests[5];

	(void)unused;
	memset(requests, 0, sizeof(requests));
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
			tokenserver_calls.make(
				&config, &task->work, 0, &moments[i], &requests[i], &task->why
			),
			0
		);
	assert_string_equal(
		find_header(&requests[0], "Authorization"),
		find_header(&requests[1], "Authorization")
	);
	for (size_t i = 2; i < 5; i++)
		assert_string_not_equal(
			find_header(&requests[0], "Authorization"),
			find_header(&requests[i], "Authorization")
		);
	for (size_t i = 0; i < 5; i++)
		http_request_fini(&requests[i]);
	record_close(&config, task);
}

static void sets_no_condition_when_nodes_keep_data_by_uid(void **unused) {
	const struct send_moment moment = {.now_s = 1700000000};
	struct tokenserver_config by_uid = config;
	struct task *task = record_open(&config, &record_node_and_row);
	struct http_request request = {.method = NULL};

	(void)unused;
	by_uid.node_keys = NODE_KEYS_UID;
	assert_int_equal(
		tokenserver_calls.make(&by_uid, &task->work, 0, &moment, &request, &task->why), 0
	);
	assert_null(find_header(&request, "X-If-Unmodified-Since"));
	assert_int_equal(take(&by_uid, task, 412, VERDICT_FAILED), VERDICT_FAILED);
	http_request_fini(&request);
	record_close(&config, task);
}

static void checks_again_when_somebody_wrote(void **unused) {
	static const int others[] = {0, 200, 204, 400, 401, 404, 409, 413, 500, 503};
	struct task *task = record_open(&config, &record_node_and_row);
	const struct state *state = task->work.state;

	(void)unused;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(take(&config, task, others[i], VERDICT_RETRY), VERDICT_RETRY);
		assert_false(state->is_modified);
	}
	assert_int_equal(take(&config, task, 412, VERDICT_FAILED), VERDICT_RECHECK);
	assert_int_equal(task->why.reason, REASON_MODIFIED);
	assert_true(state->is_modified);
	record_close(&config, task);
}

static void forgets_what_the_node_said_when_the_data_is_another(void **unused) {
	struct task *task = record_open(&config, &record_node_and_row);
	struct state *state = task->work.state;

	(void)unused;
	state->is_deleted = true;
	state->is_modified = true;
	assert_int_equal(state_set(state, &record_row, &record_node_and_row), 0);
	assert_true(state->is_deleted && state->is_modified);
	assert_int_equal(state_set(state, &record_row, &record_forced), 0);
	assert_false(state->is_deleted || state->is_modified);
	record_close(&config, task);
}

static int set_up(void **unused) {
	(void)unused;
	config.grace_ms = 3600000;
	config.signer = signer_new("secret", 6);
	return config.signer == NULL ? -1 : 0;
}

static int tear_down(void **unused) {
	(void)unused;
	signer_free(config.signer);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_to_the_node_until_its_data_is_gone),
		cmocka_unit_test(asks_no_node_for_a_row_alone),
		cmocka_unit_test(says_why_a_record_cannot_be_purged),
		cmocka_unit_test(asks_no_node_that_only_a_record_names),
		cmocka_unit_test(makes_a_signed_delete),
		cmocka_unit_test(signs_anew_for_every_moment),
		cmocka_unit_test(sets_no_condition_when_nodes_keep_data_by_uid),
		cmocka_unit_test(checks_again_when_somebody_wrote),
		cmocka_unit_test(forgets_what_the_node_said_when_the_data_is_another),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
