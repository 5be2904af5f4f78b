// SPDX-License-Identifier: MPL-2.0
// faults_test: what a worker makes of a topic, a group or a right that is missing. Nothing is
// asked.
#include "support/test.h"

#include "worker/inquiry/faults.h"

#include <errno.h>
#include <string.h>

enum { T0 = 1000000, SECOND_MS = 1000 };

#define DENIED RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED

static int64_t watermark; // -1: the last fetch was denied
static int asked;

WRAPS(source_count_ask);
WRAPS(rd_kafka_get_watermark_offsets);

void __wrap_source_count_ask(struct source_count *count) {
	(void)count;
	asked++;
}

rd_kafka_resp_err_t __wrap_rd_kafka_get_watermark_offsets(
	rd_kafka_t *handle, const char *topic, int32_t partition, int64_t *low, int64_t *high
) {
	(void)handle;
	(void)topic;
	(void)partition;
	*low = *high = watermark;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

struct fixture {
	struct source_setup setup;
	struct member member;
	struct faults faults;
	struct holding holding; // of the candidates
	struct kafka_options kafka;
};

// Candidates, two tiers, and a retry topic that is no tier any more.
static void begin(struct fixture *fixture) {
	struct member *member = &fixture->member;

	memset(fixture, 0, sizeof(*fixture));
	fixture->kafka.topic_prefix = (char *)"p";
	fixture->setup = (struct source_setup){
		.kafka = &fixture->kafka,
		.target = "fruit",
		.topic = "p.fruit",
		.dead_topic = "p.fruit.dead",
		.audit_topic = "p.fruit.audit",
		.group = "p.fruit",
		.retries =
			{{.topic = "p.fruit.retry.1s"},
			 {.topic = "p.fruit.retry.10s"},
			 {.topic = "p.fruit.retry.5m"}},
		.tier_count = 2,
		.retry_count = 3};
	*member = (struct member){.setup = &fixture->setup, .joined = true, .has_joined = true};
	holdings_init(&member->holdings);
	fixture->faults.member = member;
	fixture->faults.setup = &fixture->setup;
	fixture->holding.topic = fixture->setup.topic;
	fixture->holding.is_heard = true;
	TAILQ_INSERT_TAIL(&member->holdings.list, &fixture->holding, link);
	watermark = -1;
	asked = 0;
}

static void serve(struct fixture *fixture, int64_t seconds) {
	faults_serve(&fixture->faults, T0 + seconds * SECOND_MS);
}

static bool is_told(const struct fixture *fixture) {
	return fixture->faults.reads[0].is_on;
}

static void a_topic_that_can_never_be_seen_ends_it(void **state) {
	static const int32_t answers[SOURCE_COUNT_TOPICS] = {-EACCES, 6, 6, 6};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	faults_note_topics(&fixture.faults, answers);
	assert_int_equal(fixture.member.state, SOURCE_FAILED);
	assert_non_null(strstr(fixture.member.error, "no right to Read topic 'p.fruit'"));
}

static void a_topic_that_cannot_be_seen_any_more_ends_no_worker(void **state) {
	static const int32_t seen[SOURCE_COUNT_TOPICS] = {6, 6, 6, 6};
	static const int32_t denied[SOURCE_COUNT_TOPICS] = {-EACCES, 6, 6, 6};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	faults_note_topics(&fixture.faults, seen);
	faults_note_topics(&fixture.faults, denied);
	assert_int_equal(fixture.member.state, SOURCE_RUNS);
	serve(&fixture, 0);
	assert_true(is_told(&fixture));
	// For it is to be noticed when it can be seen.
	assert_int_equal(asked, 1);
	assert_true(faults_hides(&fixture.faults));
}

static void topics_are_asked_for_though_nothing_looks_wrong(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	serve(&fixture, 0);
	assert_int_equal(asked, 1);
	serve(&fixture, 4);
	assert_int_equal(asked, 1);
	serve(&fixture, 5);
	assert_int_equal(asked, 2);
}

static void a_topic_that_may_be_missing_is_asked_for_at_once(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	serve(&fixture, 0);
	faults_suspect(&fixture.faults);
	serve(&fixture, 1);
	assert_int_equal(asked, 2);
}

static void a_topic_of_another_delay_may_go(void **state) {
	static const int32_t answers[SOURCE_COUNT_TOPICS] = {6, 6, 6, -ENOENT};
	static const int32_t tier[SOURCE_COUNT_TOPICS] = {6, 6, -ENOENT, 6};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	faults_note_topics(&fixture.faults, answers);
	assert_false(faults_hides(&fixture.faults));
	faults_note_topics(&fixture.faults, tier);
	assert_true(faults_hides(&fixture.faults));
}

static void each_topic_is_looked_at(void **state) {
	struct fixture fixture;
	struct faults *faults = &fixture.faults;

	(void)state;
	begin(&fixture);
	for (size_t i = 0; i <= fixture.setup.retry_count; i++)
		faults->topics[i] = DENIED;
	for (size_t i = 0; i <= fixture.setup.tier_count; i++)
		faults->handovers[i] = DENIED;
	serve(&fixture, 0);
	for (size_t i = 0; i <= fixture.setup.retry_count; i++)
		assert_true(faults->reads[i].is_on);
	for (size_t i = 0; i <= fixture.setup.tier_count; i++)
		assert_true(faults->writes[i].is_on);
}

static void mend(rd_kafka_resp_err_t *err) {
	*err = RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void lasts_whatever_it_is(void **state) {
	struct fixture fixture;
	struct faults *faults = &fixture.faults;
	rd_kafka_resp_err_t *const each[] = {
		&faults->group,
		&faults->topics[3],
		&faults->others[2],
		&faults->handovers[2],
		&faults->handovers[SOURCE_GOAL_AUDIT],
		&fixture.holding.unread,
		&fixture.holding.uncommitted,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		begin(&fixture);
		*each[i] = DENIED;
		serve(&fixture, 0);
		assert_false(faults_lasts(&fixture.faults, T0 + 14 * SECOND_MS));
		assert_true(faults_lasts(&fixture.faults, T0 + 15 * SECOND_MS));
		// Nobody has looked since.
		mend(each[i]);
		assert_false(faults_lasts(&fixture.faults, T0 + 15 * SECOND_MS));
	}
}

static void does_not_last_when_it_was_read_since_the_last_look(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.holding.unread = DENIED;
	serve(&fixture, 0);
	serve(&fixture, 14);
	assert_true(faults_lasts(&fixture.faults, T0 + 15 * SECOND_MS));
	watermark = 7;
	assert_false(faults_lasts(&fixture.faults, T0 + 15 * SECOND_MS));
}

static void hides_records_whatever_it_is(void **state) {
	struct fixture fixture;
	struct faults *faults = &fixture.faults;

	(void)state;
	begin(&fixture);
	assert_false(faults_hides(&fixture.faults));
	faults->group = DENIED;
	assert_true(faults_hides(&fixture.faults));
	faults->group = RD_KAFKA_RESP_ERR_NO_ERROR;
	faults->membership.is_on = true;
	assert_true(faults_hides(&fixture.faults));
	faults->membership.is_on = false;
	faults->topics[2] = DENIED;
	assert_true(faults_hides(&fixture.faults));
	faults->topics[2] = RD_KAFKA_RESP_ERR_NO_ERROR;
	faults->reads[3].is_on = true;
	assert_true(faults_hides(&fixture.faults));
	faults->reads[3].is_on = false;
	fixture.holding.unread = DENIED;
	assert_true(faults_hides(&fixture.faults));
	fixture.holding.unread = RD_KAFKA_RESP_ERR_NO_ERROR;
	faults_suspect(&fixture.faults);
	assert_true(faults_hides(&fixture.faults));
}

static void a_group_that_answers_refuses_nothing_any_more(void **state) {
	struct fixture fixture;
	struct faults *faults = &fixture.faults;

	(void)state;
	begin(&fixture);
	faults_note_group(faults, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
	serve(&fixture, 0);
	assert_true(faults->membership.is_on);
	faults_clear_group(faults);
	for (int64_t seconds = 1; seconds < 10; seconds++)
		serve(&fixture, seconds);
	assert_false(faults->membership.is_on);
	assert_false(faults_hides(faults));
	assert_int_equal(fixture.member.state, SOURCE_RUNS);
}

static void is_over_a_few_seconds_after_it_was_read_again(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.holding.unread = DENIED;
	serve(&fixture, 0);
	assert_true(is_told(&fixture));
	watermark = 7;
	serve(&fixture, 2);
	assert_true(is_told(&fixture));
	serve(&fixture, 3);
	assert_false(is_told(&fixture));
}

static void is_not_over_because_nobody_reads(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.holding.unread = DENIED;
	serve(&fixture, 0);
	fixture.member.joined = false; // the group took it
	TAILQ_REMOVE(&fixture.member.holdings.list, &fixture.holding, link);
	serve(&fixture, 10);
	assert_true(is_told(&fixture));
	// And gave it again, and the brokers have not answered yet.
	fixture.member.joined = true;
	fixture.holding = (struct holding){.topic = fixture.setup.topic};
	TAILQ_INSERT_TAIL(&fixture.member.holdings.list, &fixture.holding, link);
	serve(&fixture, 20);
	assert_true(is_told(&fixture));
	assert_false(faults_lasts(&fixture.faults, T0 + 20 * SECOND_MS));
	fixture.holding.is_heard = true;
	serve(&fixture, 21);
	assert_false(is_told(&fixture));
}

static void what_can_be_seen_again_is_told_though_it_is_not_ours_yet(void **state) {
	struct fixture fixture;
	struct faults *faults = &fixture.faults;

	(void)state;
	begin(&fixture);
	TAILQ_REMOVE(&fixture.member.holdings.list, &fixture.holding, link);
	faults->topics[0] = DENIED;
	serve(&fixture, 0);
	faults->topics[0] = RD_KAFKA_RESP_ERR_NO_ERROR;
	serve(&fixture, 1);
	// Until it is over for a few seconds.
	assert_true(is_told(&fixture));
	serve(&fixture, 3);
	assert_false(is_told(&fixture));
}

static void what_another_worker_has_is_told_there(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.holding.unread = DENIED;
	serve(&fixture, 0);
	TAILQ_REMOVE(&fixture.member.holdings.list, &fixture.holding, link);
	serve(&fixture, 10);
	assert_true(is_told(&fixture)); // for nobody here knows better
	fixture.holding.unread = RD_KAFKA_RESP_ERR_NO_ERROR;
	TAILQ_INSERT_TAIL(&fixture.member.holdings.list, &fixture.holding, link);
	serve(&fixture, 20);
	assert_false(is_told(&fixture));
}

static void what_another_worker_has_counts_for_one_that_is_to_end(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.setup.until_drained = true;
	TAILQ_REMOVE(&fixture.member.holdings.list, &fixture.holding, link);
	faults_note_others(&fixture.faults, 0, true);
	serve(&fixture, 0);
	assert_true(is_told(&fixture));
	faults_note_others(&fixture.faults, 0, false);
	serve(&fixture, 5);
	assert_false(is_told(&fixture));
}

static void a_topic_that_came_back_is_looked_for_with_the_others(void **state) {
	static const int32_t all[] = {1, 1, 1, 1}, away[] = {1, -ENOENT, 1, 1};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	faults_note_topics(&fixture.faults, all);
	faults_note_topics(&fixture.faults, away);
	assert_false(faults_take_back(&fixture.faults));
	faults_note_topics(&fixture.faults, all);
	faults_note_topics(&fixture.faults, all);
	assert_true(faults_take_back(&fixture.faults));
	assert_false(faults_take_back(&fixture.faults));
}

static void a_topic_is_refused_as_long_as_one_of_its_records_is_owed(void **state) {
	struct fixture fixture;
	struct faults *faults = &fixture.faults;

	(void)state;
	begin(&fixture);
	faults_owe(faults, 2, DENIED, true);
	faults_owe(faults, 2, DENIED, true);
	faults_owe(faults, 2, DENIED, false);
	assert_int_equal(faults_owed(faults), 2);
	faults_repay(faults, 2);
	assert_int_equal(faults_owed(faults), 1);
	// The other one is not there yet.
	assert_int_equal(faults->handovers[2], DENIED);
	faults_repay(faults, 2);
	assert_int_equal(faults_owed(faults), 0);
	assert_int_equal(faults->handovers[2], RD_KAFKA_RESP_ERR_NO_ERROR);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_topic_that_can_never_be_seen_ends_it),
		cmocka_unit_test(a_topic_that_cannot_be_seen_any_more_ends_no_worker),
		cmocka_unit_test(topics_are_asked_for_though_nothing_looks_wrong),
		cmocka_unit_test(a_topic_that_may_be_missing_is_asked_for_at_once),
		cmocka_unit_test(a_topic_of_another_delay_may_go),
		cmocka_unit_test(each_topic_is_looked_at),
		cmocka_unit_test(lasts_whatever_it_is),
		cmocka_unit_test(does_not_last_when_it_was_read_since_the_last_look),
		cmocka_unit_test(hides_records_whatever_it_is),
		cmocka_unit_test(a_group_that_answers_refuses_nothing_any_more),
		cmocka_unit_test(is_over_a_few_seconds_after_it_was_read_again),
		cmocka_unit_test(is_not_over_because_nobody_reads),
		cmocka_unit_test(what_can_be_seen_again_is_told_though_it_is_not_ours_yet),
		cmocka_unit_test(what_another_worker_has_is_told_there),
		cmocka_unit_test(what_another_worker_has_counts_for_one_that_is_to_end),
		cmocka_unit_test(a_topic_that_came_back_is_looked_for_with_the_others),
		cmocka_unit_test(a_topic_is_refused_as_long_as_one_of_its_records_is_owed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
