// SPDX-License-Identifier: MPL-2.0
// offsets_test: what a worker commits so that a log that is another one than before gives
// itself away. Nothing is sent.
#include "support/test.h"
#include "worker/commits/commits.h"
#include "worker/inquiry/gap_watch.h"

static int doubts, dropped;
static int sought; // partitions
static int64_t sought_at;
// The group was asked after the last commit.
static bool is_current;

WRAPS(rd_kafka_seek_partitions);
WRAPS(rd_kafka_message_destroy);
WRAPS(recall_is_current);
WRAPS(owner_doubt);

rd_kafka_error_t *__wrap_rd_kafka_seek_partitions(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	sought += list->cnt;
	sought_at = list->elems[0].offset;
	return NULL;
}

void __wrap_rd_kafka_message_destroy(rd_kafka_message_t *message) {
	(void)message;
	dropped++;
}

bool __wrap_recall_is_current(const struct recall *asked) {
	(void)asked;
	return is_current;
}

void __wrap_owner_doubt(struct owner *doubted) {
	(void)doubted;
	doubts++;
}

static struct source_setup setup;
static struct member member;
static struct offsets offsets;
static struct trouble trouble;
static struct commits commits;
static struct holding holdings[3];

static int set_up(void **state) {
	(void)state;
	setup = (struct source_setup){
		.topic = "p.fruit", .retries = {{.topic = "p.fruit.retry.1s"}}, .retry_count = 1};
	member = (struct member){.setup = &setup, .epoch = 1, .take_fd = -1, .serve_fd = -1};
	holdings_init(&member.holdings);
	offsets = (struct offsets){.member = &member};
	trouble = (struct trouble){.log = NULL};
	commits = (struct commits){.member = &member, .offsets = &offsets, .trouble = &trouble};
	doubts = dropped = sought = 0;
	is_current = true;
	return 0;
}

static void finish(struct holding *holding, int64_t offset) {
	assert_int_equal(claim_begin(&holding->claim, offset), 0);
	claim_finish(&holding->claim, holding->claim.log_epoch, offset);
}

// A partition of which the group has 10 and the record at 10 is done.
static struct holding *hold(size_t topic, int32_t partition) {
	struct holding *holding = &holdings[member.holdings.count++];

	*holding = (struct holding){
		.topic = source_setup_topic(&setup, topic),
		.trust = HOLDING_WATCHED,
		.last = {.offset = 10},
		.proven = {.offset = 10},
	};
	assert_int_equal(claim_init(&holding->claim, 1, partition, topic > 0), 0);
	claim_learn(&holding->claim, 10);
	finish(holding, 10);
	TAILQ_INSERT_TAIL(&member.holdings.list, holding, link);
	return holding;
}

static int tear_down(void **state) {
	(void)state;
	for (size_t i = 0; i < member.holdings.count; i++)
		claim_fini(&holdings[i].claim);
	return 0;
}

// The only partition of the next commit.
static const struct holding *next_commit(void) {
	rd_kafka_topic_partition_list_t *list = offsets_next(&offsets);
	const struct holding *holding;

	assert_int_equal(list->cnt, 1);
	holding = holdings_find(&member.holdings, &list->elems[0]);
	rd_kafka_topic_partition_list_destroy(list);
	return holding;
}

static bool commit(const struct holding *holding, int64_t offset) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	bool is_done;

	rd_kafka_topic_partition_list_add(list, holding->topic, holding->claim.partition)
		->offset = offset;
	is_done = offsets_committed(&offsets, list);
	rd_kafka_topic_partition_list_destroy(list);
	return is_done;
}

static void one_partition_is_left_out_of_a_commit_another_one_each_time(void **state) {
	(void)state;
	hold(0, 0);
	hold(0, 1);
	const struct holding *first = next_commit();
	assert_ptr_not_equal(next_commit(), first);
	assert_ptr_equal(next_commit(), first);
}

static void one_that_has_nothing_to_commit_is_witness_enough(void **state) {
	(void)state;
	rd_kafka_topic_partition_list_t *list;
	hold(0, 0);
	hold(0, 1);
	claim_committed(&hold(0, 2)->claim, 11);
	list = offsets_next(&offsets);
	assert_int_equal(list->cnt, 2);
	rd_kafka_topic_partition_list_destroy(list);
}

static void commits_are_of_one_topic_and_the_topics_take_turns(void **state) {
	(void)state;
	const struct holding *candidates = hold(0, 0), *again = hold(1, 0);
	for (int i = 0; i < 2; i++) { // neither is ever taken
		assert_ptr_equal(next_commit(), candidates);
		assert_true(offsets_is_amid(&offsets));
		assert_ptr_equal(next_commit(), again);
		assert_false(offsets_is_amid(&offsets));
	}
}

static void what_the_group_has_not_told_of_is_not_committed(void **state) {
	(void)state;
	hold(0, 0)->is_unsure = true;
	hold(1, 0);
	assert_ptr_equal(next_commit(), &holdings[1]);
}

static void who_holds_one_partition_has_to_prove_its_log_after_a_commit(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	assert_true(commit(holding, 11));
	assert_true(proof_is_missing(&member));
	assert_false(commits_are_clear(&commits)); // nor is it given back before
	holding->is_unproven = false;
	hold(0, 1);
	finish(holding, 11);
	commit(holding, 12);
	assert_false(proof_is_missing(&member));
}

static void nothing_is_given_back_before_the_group_was_asked_after_the_last_commit(void **state) {
	(void)state;
	claim_committed(&hold(0, 0)->claim, 11);
	assert_true(commits_are_clear(&commits));
	is_current = false;
	assert_false(commits_are_clear(&commits));
}

static void of_an_old_log_nothing_is_left(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	rd_kafka_message_t message = {0};
	holding->read_ahead = &message;
	holding->is_unproven = true;
	claim_note_read(&holding->claim, 20);
	offsets_restart(&offsets, holding->topic);
	assert_null(holding->read_ahead);
	assert_int_equal(dropped, 1);
	assert_int_equal(holding->last.offset, -1);
	assert_int_equal(holding->proven.offset, -1);
	assert_false(proof_is_missing(&member));
	assert_false(gap_watch_is_open(&member));
	assert_int_equal(doubts, 1);
}

static void who_leaves_overwrites_what_may_be_wrong_in_a_new_log(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	member.stopped = true;
	offsets_restart(&offsets, holding->topic);
	assert_true(offsets_is_owed(&offsets, holding));
	commit(holding, 0);
	assert_int_equal(sought, 0); // nothing is taken any more
	assert_false(offsets_is_owed(&offsets, holding));
}

static void who_leaves_need_not_begin_with_what_nobody_took(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	holding->trust = HOLDING_BARE;
	assert_true(offsets_is_owed(&offsets, holding));
	member.revoking = true;
	assert_false(offsets_is_owed(&offsets, holding));
}

static void a_commit_that_was_out_when_the_log_began_anew_says_nothing_of_the_new_one(void **state
) {
	(void)state;
	struct holding *holding = hold(0, 0);
	assert_ptr_equal(next_commit(), holding);
	offsets.is_out = true;
	offsets_restart(&offsets, holding->topic);
	commit(holding, 11); // that one
	assert_int_equal(holding->trust, HOLDING_BARE);
	commit(holding, 0);
	assert_int_equal(holding->trust, HOLDING_WATCHED);
	assert_int_equal(sought_at, RD_KAFKA_OFFSET_BEGINNING);
}

static void an_empty_partition_is_committed_once_its_end_was_seen(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	offsets_restart(&offsets, holding->topic);
	commit(holding, 0);
	assert_false(offsets_is_owed(&offsets, holding));
	claim_note_end(&holding->claim, 0);
	// Which does not say any more that nothing was read.
	assert_int_equal(claim_to_commit(&holding->claim), 0);
}

static void while_the_brokers_are_away_nobody_who_leaves_waits_for_their_word(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	commit(holding, 11);
	assert_false(commits_are_clear(&commits));
	trouble.outage.is_on = true;
	assert_true(commits_are_clear(&commits));
}

static void a_commit_of_the_assignment_before_begins_no_partition(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	holding->trust = HOLDING_BARE;
	assert_true(commit(holding, 11));
	assert_int_equal(holding->trust, HOLDING_BARE);
	assert_int_equal(sought, 0);
	holding->trust = HOLDING_UNKNOWN; // nor is anything known by it
	assert_true(commit(holding, 12));
	assert_int_equal(holding->claim.committed, 10);
}

static void a_topic_that_the_group_does_not_know_is_doubted_but_at_the_start(void **state) {
	(void)state;
	struct holding *holding = hold(0, 0);
	offsets_note_bare(&offsets, holding);
	assert_int_equal(doubts, 0);
	member.epoch++;
	offsets_note_bare(&offsets, holding);
	assert_int_equal(doubts, 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(one_partition_is_left_out_of_a_commit_another_one_each_time),
		STORY(one_that_has_nothing_to_commit_is_witness_enough),
		STORY(commits_are_of_one_topic_and_the_topics_take_turns),
		STORY(what_the_group_has_not_told_of_is_not_committed),
		STORY(who_holds_one_partition_has_to_prove_its_log_after_a_commit),
		STORY(nothing_is_given_back_before_the_group_was_asked_after_the_last_commit),
		STORY(of_an_old_log_nothing_is_left),
		STORY(who_leaves_overwrites_what_may_be_wrong_in_a_new_log),
		STORY(who_leaves_need_not_begin_with_what_nobody_took),
		STORY(a_commit_that_was_out_when_the_log_began_anew_says_nothing_of_the_new_one),
		STORY(an_empty_partition_is_committed_once_its_end_was_seen),
		STORY(while_the_brokers_are_away_nobody_who_leaves_waits_for_their_word),
		STORY(a_commit_of_the_assignment_before_begins_no_partition),
		STORY(a_topic_that_the_group_does_not_know_is_doubted_but_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
