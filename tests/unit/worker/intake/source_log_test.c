// SPDX-License-Identifier: MPL-2.0
// source_log_test: what a worker makes of what the group says that it has. The group answers at
// once.
#include "support/inquiry_stub.h"
#include "support/test.h"

#include "common/kafka/kafka_lag.h"
#include "worker/intake/source_state.h"

static int64_t committed; // the answer, of each partition
static int sought; // partitions
static int64_t sought_at;

WRAPS(kafka_committed);
WRAPS(rd_kafka_seek_partitions);
WRAPS(source_fault_hides);
WRAPS(source_peers_hold_all);

rd_kafka_resp_err_t __wrap_kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = committed;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_error_t *__wrap_rd_kafka_seek_partitions(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	sought += list->cnt;
	sought_at = list->elems[0].offset;
	return NULL;
}

bool __wrap_source_fault_hides(const struct source *asked) {
	(void)asked;
	return false;
}

bool __wrap_source_peers_hold_all(const struct source *asked) {
	(void)asked;
	return true;
}

static struct source source;
static struct holding holding;

// It was given a partition.
static int set_up(void **state) {
	(void)state;
	inquiry_stub_reset();
	source = (struct source){
		.setup = {.topic = "p.fruit", .until_drained = true},
		.epoch = 1,
		.joined = true,
		.holding_count = 1,
		.take_fd = -1,
		.serve_fd = -1,
	};
	TAILQ_INIT(&source.holdings);
	holding = (struct holding){.topic = source.setup.topic};
	TAILQ_INSERT_TAIL(&source.holdings, &holding, link);
	committed = 7;
	sought = 0;
	return source_log_new(&source.watch, NULL, -1) < 0 ||
		claim_init(&holding.claim, 1, 0, false) < 0;
}

static int tear_down(void **state) {
	(void)state;
	source_log_free(source.watch);
	claim_fini(&holding.claim);
	return 0;
}

static void hear(void) {
	rd_kafka_resp_err_t err;

	assert_true(source_log_answered(&source, &err));
	assert_int_equal(err, RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void ask_and_hear(void) {
	assert_true(source_log_ask(&source, 0));
	hear();
}

static void what_was_fetched_before_the_group_answered_is_fetched_again_from_where_it_is(
	void **state
) {
	(void)state;
	ask_and_hear();
	assert_int_equal(sought, 1);
	assert_int_equal(sought_at, 7);
	assert_int_equal(holding.trust, HOLDING_WATCHED);
	assert_int_equal(holding.claim.committed, 7);
}

static void an_answer_about_another_assignment_says_nothing(void **state) {
	(void)state;
	source_log_ask(&source, 0);
	source.epoch++;
	holding.is_unsure = false; // it is another one
	hear();
	assert_int_equal(sought, 0);
	assert_int_equal(holding.trust, HOLDING_UNKNOWN);
}

static void what_is_given_back_is_not_begun(void **state) {
	(void)state;
	source_log_ask(&source, 0);
	source.revoking = true;
	hear();
	assert_int_equal(sought, 0);
	assert_int_equal(holding.trust, HOLDING_UNKNOWN);
}

static void a_question_of_before_the_last_commit_is_not_enough(void **state) {
	(void)state;
	ask_and_hear();
	ask_and_hear();
	assert_true(source_log_is_current(&source));
	source.commits++;
	assert_false(source_log_is_current(&source));
	ask_and_hear();
	assert_true(source_log_is_current(&source));
}

// All that there is was committed.
static void come_to_rest(void) {
	ask_and_hear();
	claim_note_end(&holding.claim, 7);
	assert_true(source_is_at_rest(&source));
}

static void is_drained_only_when_the_group_was_asked_at_rest_and_nothing_moved_since(void **state) {
	(void)state;
	come_to_rest();
	assert_false(source_is_drained(&source));
	ask_and_hear();
	assert_true(source_is_drained(&source));
	source.moves++;
	assert_false(source_is_drained(&source));
	ask_and_hear();
	assert_true(source_is_drained(&source));
}

static void is_not_drained_before_its_log_is_proven(void **state) {
	(void)state;
	come_to_rest();
	ask_and_hear();
	holding.is_unproven = true;
	assert_false(source_is_drained(&source));
}

static void the_group_is_asked_every_ten_seconds_and_by_who_leaves_at_once(void **state) {
	(void)state;
	source.setup.until_drained = false;
	ask_and_hear();
	ask_and_hear();
	source.commits++;
	assert_false(source_log_is_due(&source, 9999));
	assert_true(source_log_is_due(&source, 10000));
	source.stopped = true;
	assert_true(source_log_is_due(&source, 1));
	ask_and_hear();
	assert_false(source_log_is_due(&source, 10000)); // all is known
	source.stopped = false;
	source.revoking = true;
	source.commits++;
	assert_true(source_log_is_due(&source, 1));
	source.unsure = RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
	assert_false(source_log_is_due(&source, 999)); // it did not say
	assert_true(source_log_is_due(&source, 1000));
}

static void the_group_is_asked_again_soon_by_who_is_to_end_when_drained(void **state) {
	(void)state;
	come_to_rest();
	assert_false(source_log_is_due(&source, 999));
	assert_true(source_log_is_due(&source, 1000));
	ask_and_hear();
	assert_false(source_log_is_due(&source, 9999));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(what_was_fetched_before_the_group_answered_is_fetched_again_from_where_it_is),
		STORY(an_answer_about_another_assignment_says_nothing),
		STORY(what_is_given_back_is_not_begun),
		STORY(a_question_of_before_the_last_commit_is_not_enough),
		STORY(is_drained_only_when_the_group_was_asked_at_rest_and_nothing_moved_since),
		STORY(is_not_drained_before_its_log_is_proven),
		STORY(the_group_is_asked_every_ten_seconds_and_by_who_leaves_at_once),
		STORY(the_group_is_asked_again_soon_by_who_is_to_end_when_drained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
