// SPDX-License-Identifier: MPL-2.0
// recall_test: what a worker makes of what the group says that it has. The group answers at
// once.
#include "support/inquiry_stub.h"
#include "support/test.h"

#include "common/kafka/kafka_lag.h"
#include "worker/intake/source.h"
#include "worker/intake/source_parts.h"

static int64_t committed; // the answer, of each partition
static rd_kafka_resp_err_t refusal; // or that
static int sought; // partitions
static int64_t sought_at;

WRAPS(kafka_committed);
WRAPS(rd_kafka_seek_partitions);
WRAPS(faults_hides);
WRAPS(peers_hold_all);

rd_kafka_resp_err_t __wrap_kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	for (int i = 0; i < list->cnt; i++) {
		list->elems[i].offset = committed;
		list->elems[i].err = refusal;
	}
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

bool __wrap_faults_hides(const struct faults *asked) {
	(void)asked;
	return false;
}

bool __wrap_peers_hold_all(const struct peers *asked) {
	(void)asked;
	return true;
}

static struct source source;
static struct holding holding;

// It was given a partition.
static int set_up(void **state) {
	struct member *member = &source.member;

	(void)state;
	inquiry_stub_reset();
	source = (struct source){.setup = {.topic = "p.fruit", .until_drained = true}};
	member->setup = &source.setup;
	member->epoch = 1;
	member->joined = true;
	member->take_fd = member->serve_fd = -1;
	holdings_init(&member->holdings);
	member->holdings.count = 1;
	source.offsets.member = source.faults.member = member;
	holding = (struct holding){.topic = source.setup.topic};
	TAILQ_INSERT_TAIL(&member->holdings.list, &holding, link);
	committed = 7;
	refusal = RD_KAFKA_RESP_ERR_NO_ERROR;
	sought = 0;
	return recall_new(&source.recall, &source.offsets, &source.faults) < 0 ||
		claim_init(&holding.claim, 1, 0, false) < 0;
}

static int tear_down(void **state) {
	(void)state;
	recall_free(source.recall);
	claim_fini(&holding.claim);
	return 0;
}

static void hear(void) {
	rd_kafka_resp_err_t err;

	assert_true(recall_answered(source.recall, &err));
	assert_int_equal(err, RD_KAFKA_RESP_ERR_NO_ERROR);
}

static void ask_and_hear(void) {
	assert_true(recall_ask(source.recall, 0));
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
	recall_ask(source.recall, 0);
	source.member.epoch++;
	holding.is_unsure = false; // it is another one
	hear();
	assert_int_equal(sought, 0);
	assert_int_equal(holding.trust, HOLDING_UNKNOWN);
}

static void what_is_given_back_is_not_begun(void **state) {
	(void)state;
	recall_ask(source.recall, 0);
	source.member.revoking = true;
	hear();
	assert_int_equal(sought, 0);
	assert_int_equal(holding.trust, HOLDING_UNKNOWN);
}

static void a_question_of_before_the_last_commit_is_not_enough(void **state) {
	(void)state;
	ask_and_hear();
	ask_and_hear();
	assert_true(recall_is_current(source.recall));
	source.offsets.number++;
	assert_false(recall_is_current(source.recall));
	ask_and_hear();
	assert_true(recall_is_current(source.recall));
}

// All that there is was committed.
static void come_to_rest(void) {
	ask_and_hear();
	claim_note_end(&holding.claim, 7);
	assert_true(offsets_are_at_rest(&source.offsets));
}

static void is_drained_only_when_the_group_was_asked_at_rest_and_nothing_moved_since(void **state) {
	(void)state;
	come_to_rest();
	assert_false(source_is_drained(&source));
	ask_and_hear();
	assert_true(source_is_drained(&source));
	source.member.moves++;
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
	source.offsets.number++;
	assert_false(recall_is_due(source.recall, 9999));
	assert_true(recall_is_due(source.recall, 10000));
	source.member.stopped = true;
	assert_true(recall_is_due(source.recall, 1));
	ask_and_hear();
	assert_false(recall_is_due(source.recall, 10000)); // all is known
	source.member.stopped = false;
	source.member.revoking = true;
	source.offsets.number++;
	assert_true(recall_is_due(source.recall, 1));
	refusal = RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
	ask_and_hear();
	assert_false(recall_is_due(source.recall, 999)); // it did not say
	assert_true(recall_is_due(source.recall, 1000));
}

static void the_group_is_asked_again_soon_by_who_is_to_end_when_drained(void **state) {
	(void)state;
	come_to_rest();
	assert_false(recall_is_due(source.recall, 999));
	assert_true(recall_is_due(source.recall, 1000));
	ask_and_hear();
	assert_false(recall_is_due(source.recall, 9999));
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
