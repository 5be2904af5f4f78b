// SPDX-License-Identifier: MPL-2.0
// publisher_lag_test: how a publisher waits for workers that are too far behind, or of which it
// does not know how far they are.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "producer/outbox/publisher.h"
#include "support/publisher_scene.h"
#include "support/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OFFSET_FETCH = 9, REFUSALS = 1000 };

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
	assert_int_equal(fixture.queue->ops->drain(fixture.queue, QUEUE_KEPT, &settled), 0);
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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(publishes_nothing_while_it_does_not_know_how_far_the_workers_are),
		cmocka_unit_test(takes_a_group_that_is_not_known_for_one_that_committed_nothing),
		cmocka_unit_test(records_that_are_on_their_way_count_against_the_lag),
		cmocka_unit_test(asks_whether_to_go_on_while_records_wait_for_brokers_that_are_away
		),
		cmocka_unit_test(stops_waiting_when_it_is_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
