// SPDX-License-Identifier: MPL-2.0
// due_test: what tells a worker the brokers' time, and what it believes until then.
#include "support/test.h"

#include "common/base/clock.h"
#include "worker/handover/due.h"

#include <string.h>

static const int64_t delay_ms = 60000, hour_ms = 3600000;

static int64_t mono_ms, wall_ms, stamp_ms; // the stamp of what is read
static bool is_busy;

WRAPS(clock_mono_ms);
WRAPS(clock_wall_ms);
WRAPS(handover_is_busy);
WRAPS(rd_kafka_message_timestamp);

int64_t __wrap_clock_mono_ms(void) {
	return mono_ms;
}

int64_t __wrap_clock_wall_ms(void) {
	return wall_ms;
}

bool __wrap_handover_is_busy(const struct handover *handover) {
	(void)handover;
	return is_busy;
}

int64_t __wrap_rd_kafka_message_timestamp(
	const rd_kafka_message_t *message, rd_kafka_timestamp_type_t *type
) {
	(void)message;
	if (type != NULL)
		*type = RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
	return stamp_ms;
}

struct fixture {
	struct source_setup setup;
	struct member member;
	struct due due;
	struct holding one, other; // of a retry topic
};

static void begin(struct fixture *fixture) {
	memset(fixture, 0, sizeof(*fixture));
	fixture->setup.retries[0].delay_ms = delay_ms;
	fixture->member.setup = &fixture->setup;
	fixture->due.member = &fixture->member;
	fixture->one.claim.is_retry = fixture->other.claim.is_retry = true;
	mono_ms = 5000;
	wall_ms = 1800000000000;
	is_busy = false;
}

static void pass(int64_t ms) {
	mono_ms += ms;
	wall_ms += ms;
}

static void read_one(struct fixture *fixture, struct holding *holding, int64_t stamp) {
	stamp_ms = stamp;
	due_note_read(&fixture->due, holding, NULL);
}

static int64_t left_ms(const struct fixture *fixture, const struct holding *holding) {
	return due_left_ms(&fixture->due, holding, mono_ms);
}

static void candidates_wait_for_nothing(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.one.claim.is_retry = false;
	assert_int_equal(left_ms(&fixture, &fixture.one), 0);
}

static void our_clock_stands_in_until_something_was_handed_over(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	read_one(&fixture, &fixture.one, wall_ms - 10000);
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms - 10000);
	pass(delay_ms - 10000);
	assert_int_equal(left_ms(&fixture, &fixture.one), 0);
}

static void our_clock_may_be_set_meanwhile_without_harm(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	read_one(&fixture, &fixture.one, wall_ms);
	pass(1000);
	wall_ms -= hour_ms;
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms - 1000);
}

// The brokers are an hour behind.
static void what_comes_back_at_once_is_not_due(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	is_busy = true; // read before its acknowledgement
	read_one(&fixture, &fixture.one, wall_ms - hour_ms);
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms);
	is_busy = false;
	due_note_handed_over(&fixture.due, &fixture.one, wall_ms - hour_ms);
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms);
	pass(delay_ms - 1);
	assert_int_equal(left_ms(&fixture, &fixture.one), 1);
	pass(1);
	assert_int_equal(left_ms(&fixture, &fixture.one), 0);
}

static void one_partition_tells_the_time_of_all_that_told_none(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	due_note_handed_over(&fixture.due, &fixture.one, wall_ms - hour_ms);
	read_one(&fixture, &fixture.other, wall_ms - hour_ms - 10000);
	assert_int_equal(left_ms(&fixture, &fixture.other), delay_ms - 10000);
	// Somebody else's.
	due_note_handed_over(&fixture.due, NULL, wall_ms - 2 * hour_ms);
	assert_int_equal(broker_clock_now(&fixture.one.clock, mono_ms), wall_ms - hour_ms);
	read_one(&fixture, &fixture.one, wall_ms - hour_ms);
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms);
}

// The brokers are an hour ahead; nothing is handed over, for the node is up again.
static void what_waited_long_goes_at_once_though_it_seems_to_be_new(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	read_one(&fixture, &fixture.one, wall_ms + hour_ms - 10 * delay_ms);
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms);
	pass(delay_ms);
	assert_int_equal(left_ms(&fixture, &fixture.one), 0);
	read_one(&fixture, &fixture.one, wall_ms + hour_ms - 11 * delay_ms);
	assert_int_equal(left_ms(&fixture, &fixture.one), 0);
}

static void a_record_without_a_stamp_waits_from_when_it_was_read(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	due_note_handed_over(&fixture.due, &fixture.one, -1);
	assert_false(fixture.due.clock.is_known);
	read_one(&fixture, &fixture.one, -1);
	pass(1000);
	assert_int_equal(left_ms(&fixture, &fixture.one), delay_ms - 1000);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidates_wait_for_nothing),
		cmocka_unit_test(our_clock_stands_in_until_something_was_handed_over),
		cmocka_unit_test(our_clock_may_be_set_meanwhile_without_harm),
		cmocka_unit_test(what_comes_back_at_once_is_not_due),
		cmocka_unit_test(one_partition_tells_the_time_of_all_that_told_none),
		cmocka_unit_test(what_waited_long_goes_at_once_though_it_seems_to_be_new),
		cmocka_unit_test(a_record_without_a_stamp_waits_from_when_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
