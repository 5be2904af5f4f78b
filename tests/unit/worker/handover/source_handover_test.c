// SPDX-License-Identifier: MPL-2.0
// source_handover_test: a record that the brokers do not take is parked, and tried again after a
// while. Nothing is sent.
#include "common/base/clock.h"
#include "support/test.h"

#include "worker/intake/source_state.h"

#include <string.h>

enum { PARKED_MS = 10000 };

struct fixture {
	struct source source;
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

WRAPS(source_end_loan);
void __wrap_source_end_loan(struct source *source, struct loan *loan, bool is_done) {
	(void)source;
	(void)loan;
	ended += is_done;
}

static void begin(struct fixture *fixture) {
	struct source *source = &fixture->source;

	memset(fixture, 0, sizeof(*fixture));
	source->take_fd = source->serve_fd = -1;
	source->setup.retries[0].topic = "p.fruit.retry.1s";
	source->setup.retries[1].topic = "p.fruit.retry.10s";
	source->setup.retry_count = source->setup.tier_count = 2;
	source->lent = source->lent_again = 1;
	TAILQ_INIT(&source->holdings);
	TAILQ_INIT(&source->leaving);
	TAILQ_INIT(&source->parked);
	fixture->holding.claim.is_retry = true;
	fixture->holding.claim.lent = 1;
	fixture->holding.queue = (rd_kafka_queue_t *)fixture; // it is ours
	fixture->loan = (struct loan){
		.holding = &fixture->holding, .way = HANDOVER_RETRY, .tier = 1};
}

static void refuse(struct fixture *fixture) {
	source_on_handed_over(
		&fixture->source, &fixture->loan, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, NULL
	);
}

static void what_is_parked_leaves_its_room_to_others(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	for (int i = 0; i < 3; i++) { // however often
		refuse(&fixture);
		assert_true(fixture.loan.is_parked);
		assert_int_equal(fixture.source.lent, 0);
		assert_int_equal(fixture.source.lent_again, 0);
		assert_int_equal(fixture.holding.claim.parked, 1);
		source_unpark(&fixture.source, clock_mono_ms() + PARKED_MS);
		assert_int_equal(fixture.source.lent, 1);
		assert_int_equal(fixture.source.lent_again, 1);
		assert_int_equal(fixture.holding.claim.parked, 0);
		TAILQ_REMOVE(&fixture.source.leaving, &fixture.loan, leaving); // sent
		fixture.loan.is_waiting = false;
	}
}

static void what_is_parked_waits_ten_seconds(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	refuse(&fixture);
	source_unpark(&fixture.source, fixture.source.parked_ms + PARKED_MS - 1);
	assert_true(fixture.loan.is_parked);
	source_unpark(&fixture.source, fixture.source.parked_ms + PARKED_MS);
	assert_false(fixture.loan.is_parked);
	assert_true(fixture.loan.is_waiting);
}

static void what_was_revoked_meanwhile_takes_no_room(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	refuse(&fixture);
	fixture.holding.queue = NULL; // given back
	source_unpark(&fixture.source, clock_mono_ms() + PARKED_MS);
	assert_int_equal(fixture.source.lent, 0);
	assert_int_equal(fixture.source.lent_again, 0);
}

// Of a record of partition 5, which is on its way to a topic of six.
static void hand_over(struct fixture *fixture) {
	rd_kafka_message_t message = {.partition = 5};

	fixture->loan.message = &message;
	fixture->source.retry_partitions[1] = 6;
	source_hand_over(&fixture->source, &fixture->loan);
	source_send_leaving(&fixture->source);
	assert_false(fixture->loan.is_waiting);
}

// Its partition there is ours, in its second log.
static void hold_the_goal(struct fixture *fixture) {
	fixture->holding.retry = 1;
	fixture->holding.claim.partition = 5;
	fixture->holding.claim.log_epoch = 2;
	fixture->holding.claim.expected_end = -1;
	TAILQ_INSERT_TAIL(&fixture->source.holdings, &fixture->holding, link);
}

static void what_was_acknowledged_in_a_log_that_is_gone_is_not_waited_for(void **state) {
	const struct handover_place place = {.partition = 5, .offset = 30, .stamp_ms = -1};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	hold_the_goal(&fixture);
	ended = 0;
	fixture.loan.goal_epoch = 1;
	source_on_handed_over(&fixture.source, &fixture.loan, RD_KAFKA_RESP_ERR_NO_ERROR, &place);
	assert_int_equal(fixture.holding.claim.expected_end, -1);
	// As one that went to somebody else.
	assert_true(fixture.source.strayed_ms > 0);
	fixture.loan.goal_epoch = 2;
	source_on_handed_over(&fixture.source, &fixture.loan, RD_KAFKA_RESP_ERR_NO_ERROR, &place);
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
	assert_int_equal(source_parked(&fixture.source), 0);
}

static void a_partition_that_is_gone_is_no_missing_topic(void **state) {
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	source_on_handed_over(
		&fixture.source, &fixture.loan, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, NULL
	);
	assert_true(fixture.loan.is_waiting);
	assert_false(fixture.loan.is_parked);
	assert_int_equal(source_parked(&fixture.source), 0);
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
