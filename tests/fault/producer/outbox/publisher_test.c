// SPDX-License-Identifier: MPL-2.0
// publisher_test: what a publisher does when the brokers fail, with librdkafka's own mock of a
// cluster.
#include "producer/outbox/delivery.h"
#include "producer/outbox/publisher.h"
#include "support/publisher_scene.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

enum { PRODUCE = 0 };

// Opens all that a pass needs, and begins it.
static void begin_pass(struct fixture *fixture, int64_t unacked_max) {
	begin_fixture(fixture);
	open_with(fixture, (struct publisher_setup){.unacked_max = unacked_max});
	assert_int_equal(publisher_begin(fixture->publisher, "run", WIDTH), 0);
}

static int drain(struct fixture *fixture) {
	struct settled settled;

	return fixture->queue->ops->drain(fixture->queue, QUEUE_KEPT, &settled);
}

static void publishes_and_moves_the_cursor(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 1000);
	for (int page = 0; page < 4; page++)
		assert_int_equal(put_page(&fixture, page), 0);
	assert_int_equal(drain(&fixture), 0);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.partitions, PARTITIONS);
	assert_int_equal(counts.published, 4 * PAGE_ROWS);
	assert_int_equal(counts.acknowledged, 4 * PAGE_ROWS);
	assert_int_equal(publisher_published_into(fixture.publisher, 0), PAGE_ROWS);
	assert_string_equal(publisher_cursor(fixture.publisher), "4");
	end_fixture(&fixture);
}

static void counts_what_would_go_into_each_of_many_partitions(void **state) {
	enum { MANY = 1500 };
	struct publisher_counts counts;
	struct fixture fixture;

	(void)state;
	begin_fixture(&fixture);
	rd_kafka_mock_topic_create(fixture.cluster, "many.fruit", MANY, 1);
	fixture.kafka.topic_prefix = (char *)"many";
	open_with(&fixture, (struct publisher_setup){.dryrun = true});
	assert_int_equal(publisher_begin(fixture.publisher, "run", 1), 0);
	for (int page = 0; page < MANY / PAGE_ROWS; page++)
		assert_int_equal(put_page(&fixture, page), 0);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.partitions, MANY);
	for (int32_t i = 0; i < MANY; i++)
		assert_int_equal(publisher_published_into(fixture.publisher, i), 1);
	assert_int_equal(publisher_published_into(fixture.publisher, MANY), 0);
	end_fixture(&fixture);
}

static void tries_again_what_passes_by_itself(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 1000);
	rd_kafka_mock_push_request_errors(
		fixture.cluster,
		PRODUCE,
		3,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT
	);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_equal(drain(&fixture), 0);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.acknowledged, PAGE_ROWS);
	assert_string_equal(publisher_cursor(fixture.publisher), "1");
	end_fixture(&fixture);
}

static void has_no_cursor_after_a_message_was_refused(void **state) {
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 1000);
	rd_kafka_mock_push_request_errors(
		fixture.cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
	);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_equal(drain(&fixture), -EACCES);
	assert_int_equal(put_page(&fixture, 1), -EACCES);
	assert_string_equal(publisher_cursor(fixture.publisher), "");
	assert_non_null(strstr(publisher_error(fixture.publisher), "purge.fruit"));
	end_fixture(&fixture);
}

static void a_page_that_was_refused_gives_no_cursor_though_all_reports_are_in(void **state) {
	const struct delivery_message message = {.data = (const unsigned char *)"x", .len = 1};
	struct delivery *delivery;
	struct fixture fixture;
	int32_t partitions;
	char error[256];

	(void)state;
	begin_fixture(&fixture);
	assert_int_equal(
		delivery_new(&delivery, &fixture.kafka, "purge.fruit", NULL, error, sizeof(error)),
		0
	);
	assert_int_equal(delivery_begin(delivery, "topics fruit create", &partitions), 0);
	rd_kafka_mock_push_request_errors(
		fixture.cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
	);
	assert_int_equal(delivery_send(delivery, &message), 0);
	assert_int_equal(delivery_seal(delivery, "1"), 0);
	while (delivery_unacked(delivery) > 0)
		delivery_serve(delivery, 100);
	assert_int_equal(delivery_failure(delivery), -EACCES);
	assert_string_equal(delivery_cursor(delivery), "");
	delivery_free(delivery);
	end_fixture(&fixture);
}

static void begins_anew_after_a_failed_pass(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 1000);
	rd_kafka_mock_push_request_errors(
		fixture.cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
	);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_not_equal(drain(&fixture), 0);
	assert_int_equal(publisher_begin(fixture.publisher, "run2", WIDTH), 0);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_equal(drain(&fixture), 0);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.acknowledged, PAGE_ROWS);
	assert_string_equal(publisher_cursor(fixture.publisher), "1");
	end_fixture(&fixture);
}

static void waits_for_a_broker_that_is_down(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 500);
	rd_kafka_mock_broker_set_down(fixture.cluster, 1);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_string_equal(publisher_cursor(fixture.publisher), "");
	rd_kafka_mock_broker_set_up(fixture.cluster, 1);
	assert_int_equal(drain(&fixture), 0);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.acknowledged, PAGE_ROWS);
	end_fixture(&fixture);
}

static void stops_though_the_broker_is_down(void **state) {
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 10);
	rd_kafka_mock_broker_set_down(fixture.cluster, 1);
	fixture.queue->ops->stop(fixture.queue);
	assert_int_equal(put_page(&fixture, 0), -ECANCELED);
	fixture.queue->ops->restart(fixture.queue);
	rd_kafka_mock_broker_set_up(fixture.cluster, 1);
	assert_int_equal(publisher_begin(fixture.publisher, "run2", WIDTH), 0);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_equal(drain(&fixture), 0);
	end_fixture(&fixture);
}

static void keeps_to_the_bound_of_unacknowledged_messages(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;

	(void)state;
	begin_pass(&fixture, 7);
	rd_kafka_mock_broker_set_rtt(fixture.cluster, 1, 20);
	for (int page = 0; page < 2; page++) {
		assert_int_equal(put_page(&fixture, page), 0);
		publisher_count(fixture.publisher, &counts);
		assert_true(counts.published - counts.acknowledged <= 7);
	}
	assert_int_equal(drain(&fixture), 0);
	end_fixture(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(publishes_and_moves_the_cursor),
		cmocka_unit_test(counts_what_would_go_into_each_of_many_partitions),
		cmocka_unit_test(tries_again_what_passes_by_itself),
		cmocka_unit_test(has_no_cursor_after_a_message_was_refused),
		cmocka_unit_test(a_page_that_was_refused_gives_no_cursor_though_all_reports_are_in),
		cmocka_unit_test(begins_anew_after_a_failed_pass),
		cmocka_unit_test(waits_for_a_broker_that_is_down),
		cmocka_unit_test(stops_though_the_broker_is_down),
		cmocka_unit_test(keeps_to_the_bound_of_unacknowledged_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
