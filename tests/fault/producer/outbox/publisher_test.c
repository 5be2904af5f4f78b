// SPDX-License-Identifier: MPL-2.0
// publisher_test: what a publisher does when the brokers fail, with librdkafka's own mock of a
// cluster.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/candidate.h"
#include "producer/outbox/delivery.h"
#include "producer/outbox/publisher.h"
#include "support/test.h"

#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PARTITIONS = 4, WIDTH = 10, PAGE_ROWS = 50, PRODUCE = 0, OFFSET_FETCH = 9, REFUSALS = 1000 };

struct fixture {
	rd_kafka_t *host; // of the mock cluster
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_options kafka;
	char *properties[4];
	struct publisher *publisher;
	struct queue_put *queue; // its side
};

static void begin_fixture(struct fixture *fixture) {
	char error[256];

	memset(fixture, 0, sizeof(*fixture));
	fixture->host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof(error));
	assert_non_null(fixture->host);
	fixture->cluster = rd_kafka_mock_cluster_new(fixture->host, 1);
	assert_non_null(fixture->cluster);
	rd_kafka_mock_topic_create(fixture->cluster, "purge.fruit", PARTITIONS, 1);
	fixture->properties[0] = (char *)"retry.backoff.ms=10";
	fixture->properties[1] = (char *)"reconnect.backoff.max.ms=200";
	fixture->properties[2] = (char *)"message.timeout.ms=20000";
	fixture->kafka = (struct kafka_options){
		.brokers = (char *)rd_kafka_mock_cluster_bootstraps(fixture->cluster),
		.topic_prefix = (char *)"purge",
		.properties = {.items = fixture->properties, .count = 3},
	};
}

static void open_with(struct fixture *fixture, struct publisher_setup setup) {
	char error[256];

	setup.kafka = &fixture->kafka;
	setup.target = "fruit";
	assert_int_equal(publisher_new(&fixture->publisher, &setup, error, sizeof(error)), 0);
	fixture->queue = publisher_put_side(fixture->publisher);
}

// Opens all that a pass needs, and begins it.
static void begin_pass(struct fixture *fixture, int64_t unacked_max) {
	begin_fixture(fixture);
	open_with(fixture, (struct publisher_setup){.unacked_max = unacked_max});
	assert_int_equal(publisher_begin(fixture->publisher, "run", WIDTH), 0);
}

static void end_fixture(struct fixture *fixture) {
	publisher_free(fixture->publisher);
	rd_kafka_mock_cluster_destroy(fixture->cluster);
	rd_kafka_destroy(fixture->host);
}

static struct candidate *make_list(int64_t first, int count) {
	struct candidate *list = NULL;

	for (int i = count - 1; i >= 0; i--) {
		char id[32];
		struct candidate like = {.id = id, .key = first + i};
		struct candidate *candidate;

		snprintf(id, sizeof(id), "%" PRId64, like.key);
		candidate = candidate_new(&like);
		assert_non_null(candidate);
		candidate->next = list;
		list = candidate;
	}
	return list;
}

static int put_page(struct fixture *fixture, int64_t page) {
	char cursor[32];
	int err = fixture->queue->ops->put(fixture->queue, make_list(page * PAGE_ROWS, PAGE_ROWS));

	snprintf(cursor, sizeof(cursor), "%" PRId64, page + 1);
	return err < 0 ? err : publisher_seal(fixture->publisher, cursor);
}

static int drain(struct fixture *fixture) {
	struct settled settled;

	return fixture->queue->ops->drain(fixture->queue, &settled);
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

// What a put in a thread of its own is told and tells.
struct waiting_put {
	struct fixture *fixture;
	atomic_int calls; // while it waited
	atomic_int err_of_call;
	int err;
};

static int on_wait(void *ctx) {
	struct waiting_put *put = ctx;

	atomic_fetch_add(&put->calls, 1);
	return atomic_load(&put->err_of_call);
}

static void *run_put(void *ctx) {
	struct waiting_put *put = ctx;

	put->err = put_page(put->fixture, 0);
	return NULL;
}

static void wait_for_calls(struct waiting_put *put, int calls) {
	const struct timespec pause = {.tv_nsec = 5000000};
	int64_t deadline_ms = clock_mono_ms() + 20000;

	while (atomic_load(&put->calls) < calls) {
		assert_true(clock_mono_ms() < deadline_ms);
		nanosleep(&pause, NULL);
	}
}

static pthread_t begin_waiting(struct fixture *fixture, struct waiting_put *put, struct log *log) {
	const struct publisher_setup setup = {.unacked_max = 1000, .lag_max = 10, .log = log};
	pthread_t thread;

	open_with(fixture, setup);
	publisher_on_wait(fixture->publisher, on_wait, put);
	assert_int_equal(publisher_begin(fixture->publisher, "run", WIDTH), 0);
	for (int i = 0; i < REFUSALS; i++)
		rd_kafka_mock_push_request_errors(
			fixture->cluster, OFFSET_FETCH, 1, RD_KAFKA_RESP_ERR_UNKNOWN
		);
	assert_int_equal(pthread_create(&thread, NULL, run_put, put), 0);
	return thread;
}

// Once a minute, not at every look.
static void assert_told_why(int fd) {
	char text[4096] = "";
	const char *line;

	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	line = strstr(text, "\"waiting: how far the workers are is unknown\"");
	assert_non_null(line);
	assert_non_null(strstr(line, "\"lag\":null"));
	assert_non_null(strstr(line, "\"error\":\"Unknown broker error\""));
	assert_null(strstr(line + 1, "\"waiting: "));
}

static void publishes_nothing_while_it_does_not_know_how_far_the_workers_are(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;
	struct waiting_put put = {.fixture = &fixture};
	pthread_t thread;
	struct log *log;
	int fds[2];

	(void)state;
	begin_fixture(&fixture);
	assert_int_equal(pipe(fds), 0);
	log = log_new(fds[1], LOG_LEVEL_INFO, false);
	thread = begin_waiting(&fixture, &put, log);
	wait_for_calls(&put, 2);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.published, 0);
	assert_int_equal(counts.lag, -1);
	assert_true(counts.is_waiting);
	assert_told_why(fds[0]);
	rd_kafka_mock_clear_request_errors(fixture.cluster, OFFSET_FETCH);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(put.err, 0);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.published, PAGE_ROWS);
	assert_int_equal(counts.lag, 0);
	end_fixture(&fixture);
	log_free(log);
	close(fds[0]);
	close(fds[1]);
}

// Some brokers that speak Kafka's protocol say of a group that no worker has joined that there is
// none.
static void takes_a_group_that_is_not_known_for_one_that_committed_nothing(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;
	struct waiting_put put = {.fixture = &fixture};
	struct settled settled;
	pthread_t thread;
	char text[4096] = "";
	int fds[2];

	(void)state;
	begin_fixture(&fixture);
	assert_int_equal(pipe(fds), 0);
	struct log *log = log_new(fds[1], LOG_LEVEL_INFO, false);
	open_with(
		&fixture, (struct publisher_setup){.unacked_max = 1000, .lag_max = 10, .log = log}
	);
	publisher_on_wait(fixture.publisher, on_wait, &put);
	assert_int_equal(publisher_begin(fixture.publisher, "run", WIDTH), 0);
	for (int i = 0; i < REFUSALS; i++)
		rd_kafka_mock_push_request_errors(
			fixture.cluster, OFFSET_FETCH, 1, RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND
		);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_equal(fixture.queue->ops->drain(fixture.queue, &settled), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_put, &put), 0);
	wait_for_calls(&put, 1);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.lag, PAGE_ROWS);
	atomic_store(&put.err_of_call, -ESTALE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(put.err, -ESTALE);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"waiting: the workers are too far behind\""));
	assert_non_null(strstr(text, "no worker of this group has committed anything yet"));
	end_fixture(&fixture);
	log_free(log);
	close(fds[0]);
	close(fds[1]);
}

// Puts a page that stays with the client for so long, and is as much as the lag may be.
static void put_what_lingers(struct fixture *fixture, struct waiting_put *put, char *linger) {
	begin_fixture(fixture);
	fixture->properties[3] = linger;
	fixture->kafka.properties.count = 4;
	open_with(fixture, (struct publisher_setup){.unacked_max = 1000, .lag_max = PAGE_ROWS});
	publisher_on_wait(fixture->publisher, on_wait, put);
	assert_int_equal(publisher_begin(fixture->publisher, "run", WIDTH), 0);
	assert_int_equal(put_page(fixture, 0), 0);
}

// Another put, until it was asked twice whether to go on. What is known then is in `counts`.
static void put_and_give_up(struct waiting_put *put, struct publisher_counts *counts) {
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_put, put), 0);
	wait_for_calls(put, 2);
	publisher_count(put->fixture->publisher, counts);
	atomic_store(&put->err_of_call, -ESTALE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(put->err, -ESTALE);
}

// The brokers do not count them.
static void records_that_are_on_their_way_count_against_the_lag(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;
	struct waiting_put put = {.fixture = &fixture};

	(void)state;
	put_what_lingers(&fixture, &put, (char[]){"linger.ms=500"});
	put_and_give_up(&put, &counts);
	assert_int_equal(counts.published, PAGE_ROWS);
	assert_int_equal(counts.lag, PAGE_ROWS);
	end_fixture(&fixture);
}

// Who holds the scanner's lock has to look at it meanwhile.
static void asks_whether_to_go_on_while_records_wait_for_brokers_that_are_away(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;
	struct waiting_put put = {.fixture = &fixture};

	(void)state;
	put_what_lingers(&fixture, &put, (char[]){"linger.ms=2000"});
	rd_kafka_mock_broker_set_down(fixture.cluster, 1);
	put_and_give_up(&put, &counts);
	assert_int_equal(counts.lag, -1);
	assert_true(counts.is_waiting);
	end_fixture(&fixture);
}

static void stops_waiting_when_it_is_told_to(void **state) {
	struct publisher_counts counts;
	struct fixture fixture;
	struct waiting_put put = {.fixture = &fixture};
	pthread_t thread;

	(void)state;
	begin_fixture(&fixture);
	atomic_store(&put.err_of_call, -ESTALE);
	thread = begin_waiting(&fixture, &put, NULL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(put.err, -ESTALE);
	publisher_count(fixture.publisher, &counts);
	assert_int_equal(counts.published, 0);
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
		cmocka_unit_test(publishes_nothing_while_it_does_not_know_how_far_the_workers_are),
		cmocka_unit_test(takes_a_group_that_is_not_known_for_one_that_committed_nothing),
		cmocka_unit_test(records_that_are_on_their_way_count_against_the_lag),
		cmocka_unit_test(asks_whether_to_go_on_while_records_wait_for_brokers_that_are_away
		),
		cmocka_unit_test(stops_waiting_when_it_is_told_to),
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
