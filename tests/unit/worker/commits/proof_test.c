// SPDX-License-Identifier: MPL-2.0
// proof_test: a worker that holds one partition looks whether a record that it took is still
// in its place. Its question is answered at once.
#include "support/inquiry_stub.h"
#include "support/test.h"

#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_reader.h"
#include "worker/commits/proof.h"

#include <errno.h>
#include <string.h>

enum { STAMP_MS = 77, BYTES = 10 };

static const int64_t t0_ms = 1000000, second_ms = 1000;

static int restarted;
// Is there a record from the place that is read?
static bool shows;
static rd_kafka_message_t there; // it
static int64_t stamp_ms; // its
// The log; negative: that is not told.
static int64_t begins_at;

static bool has_to_commit;

WRAPS(kafka_begins);
WRAPS(kafka_reader_handle);
WRAPS(kafka_reader_open);
WRAPS(kafka_reader_close);
WRAPS(kafka_reader_read);
WRAPS(rd_kafka_message_timestamp);
WRAPS(offsets_restart);
WRAPS(offsets_are_owed);
WRAPS(offsets_are_at_rest);

int __wrap_kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_reader_setup *setup,
	char *error,
	size_t error_bytes
) {
	(void)setup;
	memset(error, 0, error_bytes);
	*out = NULL;
	return 0;
}

void __wrap_kafka_reader_close(struct kafka_reader *reader) {
	(void)reader;
}

int __wrap_kafka_reader_read(struct kafka_reader *reader, const struct kafka_reading *reading) {
	(void)reader;
	assert_int_equal(reading->partition, 3);
	assert_int_equal(reading->from, 9);
	if (shows)
		reading->show(reading->ctx, &there);
	return 0;
}

rd_kafka_t *__wrap_kafka_reader_handle(struct kafka_reader *reader) {
	(void)reader;
	return NULL;
}

int __wrap_kafka_begins(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms) {
	(void)handle;
	(void)timeout_ms;
	list->elems[0].offset = begins_at;
	return begins_at < 0 ? -EAGAIN : 0;
}

int64_t __wrap_rd_kafka_message_timestamp(
	const rd_kafka_message_t *message, rd_kafka_timestamp_type_t *type
) {
	(void)message;
	if (type != NULL)
		*type = RD_KAFKA_TIMESTAMP_CREATE_TIME;
	return stamp_ms;
}

void __wrap_offsets_restart(struct offsets *offsets, const char *topic) {
	assert_ptr_equal(topic, offsets->member->setup->topic);
	restarted++;
}

bool __wrap_offsets_are_owed(const struct offsets *asked_of) {
	(void)asked_of;
	return has_to_commit;
}

bool __wrap_offsets_are_at_rest(const struct offsets *asked_of) {
	(void)asked_of;
	return true;
}

static struct source_setup setup;
static struct member member;
static struct offsets offsets;
static struct proof *proof;
static struct holding holding;

// It took offset 9 of its one partition first, and committed.
static int set_up(void **state) {
	(void)state;
	setup = (struct source_setup){.topic = "p.fruit"};
	member = (struct member){.setup = &setup};
	holdings_init(&member.holdings);
	offsets = (struct offsets){.member = &member, .number = 5};
	holding = (struct holding){
		.topic = setup.topic,
		.claim = {.partition = 3, .log_epoch = 1},
		.proven = {.offset = 9, .stamp_ms = STAMP_MS, .bytes = BYTES},
		.last = {.offset = 12, .stamp_ms = 3, .bytes = 4}, // perhaps of another log already
		.is_unproven = true,
	};
	TAILQ_INSERT_TAIL(&member.holdings.list, &holding, link);
	there = (rd_kafka_message_t){.offset = 9, .len = BYTES};
	stamp_ms = STAMP_MS;
	shows = true;
	begins_at = 0;
	inquiry_stub_reset();
	restarted = 0;
	has_to_commit = false;
	return proof_new(&proof, &offsets);
}

static int tear_down(void **state) {
	(void)state;
	proof_free(proof);
	return 0;
}

static void ask_and_hear(int64_t now_ms) {
	proof_serve(proof, now_ms);
	proof_serve(proof, now_ms);
}

static void the_same_record_proves_the_log(void **state) {
	(void)state;
	ask_and_hear(t0_ms);
	assert_false(proof_is_missing(&member));
	assert_int_equal(restarted, 0);
	ask_and_hear(t0_ms + 100 * second_ms);
	assert_int_equal(inquiry_stub_asked, 1);
	assert_int_equal(holding.proven.offset, 12); // which the next proof is about
}

static void the_first_record_is_the_one_to_prove_until_a_proof(void **state) {
	(void)state;
	rd_kafka_message_t next = {.offset = 10};
	holding.proven.offset = -1;
	holding_note_taken(&holding, &there);
	holding_note_taken(&holding, &next);
	assert_int_equal(holding.proven.offset, 9);
	assert_int_equal(holding.last.offset, 10);
}

static void another_record_in_its_place_is_another_log(void **state) {
	(void)state;
	stamp_ms++;
	ask_and_hear(t0_ms);
	assert_int_equal(restarted, 1);
	stamp_ms--;
	there.len++;
	ask_and_hear(t0_ms + 10 * second_ms);
	assert_int_equal(restarted, 2);
}

static void a_place_without_a_record_proves_nothing_and_is_looked_at_again(void **state) {
	(void)state;
	shows = false;
	ask_and_hear(t0_ms);
	ask_and_hear(t0_ms + 9 * second_ms);
	assert_int_equal(inquiry_stub_asked, 1);
	ask_and_hear(t0_ms + 10 * second_ms);
	assert_int_equal(inquiry_stub_asked, 2);
	assert_true(proof_is_missing(&member));
	assert_int_equal(restarted, 0);
}

static void when_the_record_expired_the_next_one_is_good_enough(void **state) {
	(void)state;
	there.offset = 12;
	stamp_ms++;
	ask_and_hear(t0_ms);
	assert_int_equal(restarted, 0);
	assert_false(proof_is_missing(&member));
}

static void when_all_of_the_log_expired_there_is_nothing_to_prove(void **state) {
	(void)state;
	shows = false;
	begins_at = -1;
	ask_and_hear(t0_ms);
	assert_true(proof_is_missing(&member));
	begins_at = 10;
	ask_and_hear(t0_ms + 10 * second_ms);
	assert_false(proof_is_missing(&member));
	assert_int_equal(restarted, 0);
}

static void a_commit_after_the_question_is_another_one(void **state) {
	(void)state;
	proof_serve(proof, t0_ms);
	offsets.number++;
	proof_serve(proof, t0_ms);
	assert_true(proof_is_missing(&member));
}

static void it_does_not_matter_which_partition_is_read_first_meanwhile(void **state) {
	(void)state;
	struct holding other = {.topic = "p.fruit.retry.1m", .is_unproven = true};
	other.asked_ms = t0_ms;
	TAILQ_INSERT_TAIL(&member.holdings.list, &other, link);
	stamp_ms++;
	proof_serve(proof, t0_ms);
	TAILQ_REMOVE(&member.holdings.list, &holding, link);
	TAILQ_INSERT_TAIL(&member.holdings.list, &holding, link);
	proof_serve(proof, t0_ms);
	assert_int_equal(restarted, 1);
}

static void an_answer_about_a_log_that_is_gone_says_nothing(void **state) {
	(void)state;
	stamp_ms++;
	proof_serve(proof, t0_ms);
	holding.claim.log_epoch++;
	proof_serve(proof, t0_ms);
	assert_int_equal(restarted, 0);
}

static void whoever_leaves_asks_at_once(void **state) {
	(void)state;
	shows = false;
	ask_and_hear(t0_ms);
	member.stopped = true;
	ask_and_hear(t0_ms + second_ms);
	assert_int_equal(inquiry_stub_asked, 2);
	member.stopped = false;
	member.revoking = true;
	ask_and_hear(t0_ms + 2 * second_ms);
	assert_int_equal(inquiry_stub_asked, 3);
	member.revoking = false;
	setup.until_drained = true;
	ask_and_hear(t0_ms + 3 * second_ms);
	assert_int_equal(inquiry_stub_asked, 4);
}

static void whoever_leaves_does_so_after_the_last_commit(void **state) {
	(void)state;
	member.revoking = has_to_commit = true;
	proof_serve(proof, t0_ms);
	assert_int_equal(inquiry_stub_asked, 0);
	has_to_commit = false;
	proof_serve(proof, t0_ms);
	assert_int_equal(inquiry_stub_asked, 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(the_same_record_proves_the_log),
		STORY(the_first_record_is_the_one_to_prove_until_a_proof),
		STORY(another_record_in_its_place_is_another_log),
		STORY(a_place_without_a_record_proves_nothing_and_is_looked_at_again),
		STORY(when_the_record_expired_the_next_one_is_good_enough),
		STORY(when_all_of_the_log_expired_there_is_nothing_to_prove),
		STORY(a_commit_after_the_question_is_another_one),
		STORY(it_does_not_matter_which_partition_is_read_first_meanwhile),
		STORY(an_answer_about_a_log_that_is_gone_says_nothing),
		STORY(whoever_leaves_asks_at_once),
		STORY(whoever_leaves_does_so_after_the_last_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
