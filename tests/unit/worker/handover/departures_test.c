// SPDX-License-Identifier: MPL-2.0
// departures_test: a record that the brokers do not take is parked, and tried again after a
// while. Nothing is sent.
#include "common/base/clock.h"
#include "support/test.h"

#include "worker/handover/departures.h"

#include <string.h>

enum { PARKED_MS = 10000 };

struct fixture {
	struct source_setup setup;
	struct member member;
	struct faults faults;
	struct loans loans;
	struct due due;
	struct departures departures;
	struct holding holding; // of a retry topic
	// Its record, on its way to the next one.
	struct loan loan;
};

static int ended; // loans
static int32_t known; // partitions, by the producer
// The partition of the last record that was taken.
static int32_t sent_to;

WRAPS(handover_send);
rd_kafka_resp_err_t __wrap_handover_send(
	struct handover *handover, const struct handover_record *record
) {
	(void)handover;
	if (record->partition >= known)
		return RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
	sent_to = record->partition;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

WRAPS(loans_end);
void __wrap_loans_end(struct loans *loans, struct loan *loan, bool is_done) {
	(void)loans;
	(void)loan;
	ended += is_done;
}

static void begin(struct fixture *fixture) {
	struct member *member = &fixture->member;

	memset(fixture, 0, sizeof(*fixture));
	fixture->setup.retries[0].topic = "p.fruit.retry.1s";
	fixture->setup.retries[1].topic = "p.fruit.retry.10s";
	fixture->setup.retry_count = fixture->setup.tier_count = 2;
	member->setup = &fixture->setup;
	member->take_fd = member->serve_fd = -1;
	holdings_init(&member->holdings);
	member->holdings.lent = member->holdings.lent_again = 1;
	fixture->faults.member = member;
	fixture->faults.setup = &fixture->setup;
	loans_init(&fixture->loans, member, &fixture->faults);
	fixture->due.member = member;
	fixture->departures = (struct departures){
		.member = member,
		.faults = &fixture->faults,
		.loans = &fixture->loans,
		.due = &fixture->due,
	};
	fixture->holding.claim.is_retry = true;
	fixture->holding.claim.lent = 1;
	fixture->holding.queue = (rd_kafka_queue_t *)fixture; // it is ours
	fixture->loan = (struct loan){
		.holding = &fixture->holding, .way = HANDOVER_RETRY, .tier = 1};
}

static void refuse(struct fixture *fixture) {
	departures_on_done(
		&fixture->departures,
		&fixture->loan,
		RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
		NULL
	);
}

static void what_is_parked_leaves_its_room_to_others(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	for (int i = 0; i < 3; i++) { // however often
		refuse(&fixture);
		assert_true(fixture.loan.is_parked);
		assert_int_equal(fixture.member.holdings.lent, 0);
		assert_int_equal(fixture.member.holdings.lent_again, 0);
		assert_int_equal(fixture.holding.claim.parked, 1);
		assert_int_equal(faults_owed(&fixture.faults), 1);
		assert_int_equal(fixture.holding.claim.owed, 1);
		departures_unpark(&fixture.departures, clock_mono_ms() + PARKED_MS);
		assert_int_equal(fixture.member.holdings.lent, 1);
		assert_int_equal(fixture.member.holdings.lent_again, 1);
		assert_int_equal(fixture.holding.claim.parked, 0);
		TAILQ_REMOVE(&fixture.loans.leaving, &fixture.loan, leaving); // sent
		fixture.loan.is_waiting = false;
	}
}

static void what_is_parked_waits_ten_seconds(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	refuse(&fixture);
	departures_unpark(&fixture.departures, fixture.loans.parked_ms + PARKED_MS - 1);
	assert_true(fixture.loan.is_parked);
	departures_unpark(&fixture.departures, fixture.loans.parked_ms + PARKED_MS);
	assert_false(fixture.loan.is_parked);
	assert_true(fixture.loan.is_waiting);
}

static void what_was_revoked_meanwhile_takes_no_room(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	refuse(&fixture);
	fixture.holding.queue = NULL; // given back
	departures_unpark(&fixture.departures, clock_mono_ms() + PARKED_MS);
	assert_int_equal(fixture.member.holdings.lent, 0);
	assert_int_equal(fixture.member.holdings.lent_again, 0);
}

// Of a record of partition 5, which is on its way to a topic of six.
static void hand_over(struct fixture *fixture) {
	rd_kafka_message_t message = {.partition = 5};

	fixture->loan.message = &message;
	fixture->member.retry_partitions[1] = 6;
	departures_add(&fixture->departures, &fixture->loan);
	departures_send(&fixture->departures);
	assert_false(fixture->loan.is_waiting);
}

// Its partition there is ours, in its second log.
static void hold_the_goal(struct fixture *fixture) {
	fixture->holding.retry = 1;
	fixture->holding.claim.partition = 5;
	fixture->holding.claim.log_epoch = 2;
	fixture->holding.claim.expected_end = -1;
	TAILQ_INSERT_TAIL(&fixture->member.holdings.list, &fixture->holding, link);
}

static void what_was_acknowledged_in_a_log_that_is_gone_is_not_waited_for(void **state) {
	const struct handover_place place = {.partition = 5, .offset = 30, .stamp_ms = -1};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	hold_the_goal(&fixture);
	ended = 0;
	fixture.loan.goal_epoch = 1;
	departures_on_done(&fixture.departures, &fixture.loan, RD_KAFKA_RESP_ERR_NO_ERROR, &place);
	assert_int_equal(fixture.holding.claim.expected_end, -1);
	// As one that went to somebody else.
	assert_true(fixture.departures.strayed_ms > 0);
	fixture.loan.goal_epoch = 2;
	departures_on_done(&fixture.departures, &fixture.loan, RD_KAFKA_RESP_ERR_NO_ERROR, &place);
	assert_int_equal(fixture.holding.claim.expected_end, 31);
	assert_int_equal(ended, 2);
}

static void a_partition_that_the_producer_does_not_know_yet_is_no_missing_topic(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	hold_the_goal(&fixture);
	known = 6;
	hand_over(&fixture);
	assert_int_equal(sent_to, 5);
	assert_int_equal(fixture.loan.goal_epoch, 2);
	// It asks for them once in a while.
	known = 2;
	hand_over(&fixture);
	assert_int_equal(sent_to, RD_KAFKA_PARTITION_UA);
	assert_int_equal(fixture.loan.goal_epoch, 0); // wherever that is
	assert_int_equal(faults_owed(&fixture.faults), 0);
}

static void a_partition_that_is_gone_is_no_missing_topic(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	departures_on_done(
		&fixture.departures, &fixture.loan, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, NULL
	);
	assert_true(fixture.loan.is_waiting);
	assert_false(fixture.loan.is_parked);
	assert_int_equal(faults_owed(&fixture.faults), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parked_leaves_its_room_to_others),
		cmocka_unit_test(what_is_parked_waits_ten_seconds),
		cmocka_unit_test(what_was_revoked_meanwhile_takes_no_room),
		cmocka_unit_test(what_was_acknowledged_in_a_log_that_is_gone_is_not_waited_for),
		cmocka_unit_test(a_partition_that_the_producer_does_not_know_yet_is_no_missing_topic
		),
		cmocka_unit_test(a_partition_that_is_gone_is_no_missing_topic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
