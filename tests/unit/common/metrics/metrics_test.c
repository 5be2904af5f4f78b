// SPDX-License-Identifier: MPL-2.0
// metrics_test: what an agent would receive, on a UDP socket of this process.
#include "common/metrics/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "support/test.h"

struct agent {
	int fd;
	uint16_t port;
	struct metrics *metrics;
	char line[1024]; // the last one received
};

static int64_t now_ms; // moved by the tests

WRAPS(clock_mono_ms);
int64_t __wrap_clock_mono_ms(void) {
	return now_ms;
}

static void agent_listen(struct agent *agent, uint16_t port) {
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);

	agent->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(agent->fd >= 0);
	assert_int_equal(bind(agent->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(agent->fd, (struct sockaddr *)&address, &len), 0);
	agent->port = ntohs(address.sin_port);
}

static int agent_start(void **state) {
	struct agent *agent = calloc(1, sizeof(*agent));

	assert_non_null(agent);
	now_ms = 1000;
	agent_listen(agent, 0);
	assert_int_equal(metrics_open(&agent->metrics, "127.0.0.1", agent->port, "tokenserver"), 0);
	*state = agent;
	return 0;
}

static int agent_stop(void **state) {
	struct agent *agent = *state;

	metrics_close(agent->metrics);
	close(agent->fd);
	free(agent);
	return 0;
}

// The next line, or NULL when none waits: on the loopback interface a datagram is there when send
// returns.
static const char *next_line(struct agent *agent) {
	ssize_t n = recv(agent->fd, agent->line, sizeof(agent->line) - 1, MSG_DONTWAIT);

	if (n < 0)
		return NULL;
	agent->line[n] = '\0';
	return agent->line;
}

static void expect_line(struct agent *agent, const char *wanted) {
	const char *line = next_line(agent);

	assert_non_null(line);
	assert_string_equal(line, wanted);
}

static void expect_lines(struct agent *agent, unsigned count, const char *wanted) {
	for (unsigned i = 0; i < count; i++)
		expect_line(agent, wanted);
	assert_null(next_line(agent));
}

static void count_times(struct agent *agent, unsigned times, const char *name, const char *tags) {
	for (unsigned i = 0; i < times; i++)
		metrics_count(agent->metrics, name, 1, tags);
}

static void sends_a_counter_with_its_tags(void **state) {
	struct agent *agent = *state;

	metrics_count(agent->metrics, "delete_user", 1, "type:nodeless");
	expect_line(agent, "tokenserver.delete_user:1|c|#type:nodeless");
}

static void sends_no_tag_mark_without_tags(void **state) {
	struct agent *agent = *state;

	metrics_count(agent->metrics, "delete_data", 1, NULL);
	metrics_count(agent->metrics, "purge.batch.fetched", -25, "");
	expect_line(agent, "tokenserver.delete_data:1|c");
	expect_line(agent, "tokenserver.purge.batch.fetched:-25|c");
}

static void sends_gauges_and_timings(void **state) {
	struct agent *agent = *state;

	metrics_gauge(agent->metrics, "purge.backlog.size", INT64_MAX, NULL);
	metrics_timing(agent->metrics, "purge.run.duration_ms", 1234, "kind:full,x:y");
	expect_line(agent, "tokenserver.purge.backlog.size:9223372036854775807|g");
	expect_line(agent, "tokenserver.purge.run.duration_ms:1234|ms|#kind:full,x:y");
}

static void adds_up_counters_above_the_budget(void **state) {
	struct agent *agent = *state;

	count_times(agent, 100, "a", "k:v");
	expect_lines(agent, 64, "tokenserver.a:1|c|#k:v");
	metrics_flush(agent->metrics, now_ms);
	expect_lines(agent, 1, "tokenserver.a:36|c|#k:v");
	metrics_flush(agent->metrics, now_ms);
	assert_null(next_line(agent));
}

static void keeps_sums_apart_by_name_and_tags(void **state) {
	struct agent *agent = *state;

	count_times(agent, 64, "a", NULL);
	expect_lines(agent, 64, "tokenserver.a:1|c");
	metrics_count(agent->metrics, "a", 2, NULL);
	metrics_count(agent->metrics, "a", 3, "k:v");
	metrics_count(agent->metrics, "b", 5, NULL);
	metrics_count(agent->metrics, "a", 7, NULL);
	assert_null(next_line(agent));
	metrics_flush(agent->metrics, now_ms);
	expect_line(agent, "tokenserver.a:9|c");
	expect_line(agent, "tokenserver.a:3|c|#k:v");
	expect_line(agent, "tokenserver.b:5|c");
	assert_null(next_line(agent));
}

static void sends_at_once_again_in_the_next_window(void **state) {
	struct agent *agent = *state;

	count_times(agent, 64, "a", NULL);
	expect_lines(agent, 64, "tokenserver.a:1|c");
	now_ms += 9;
	metrics_count(agent->metrics, "a", 1, NULL);
	assert_null(next_line(agent));
	now_ms += 1;
	metrics_count(agent->metrics, "b", 1, NULL);
	expect_lines(agent, 1, "tokenserver.b:1|c");
}

static void gauges_are_never_held_back(void **state) {
	struct agent *agent = *state;

	count_times(agent, 64, "a", NULL);
	expect_lines(agent, 64, "tokenserver.a:1|c");
	metrics_gauge(agent->metrics, "g", 1, NULL);
	metrics_timing(agent->metrics, "t", 2, NULL);
	expect_line(agent, "tokenserver.g:1|g");
	expect_line(agent, "tokenserver.t:2|ms");
}

static void sends_at_once_what_has_no_room_to_wait(void **state) {
	struct agent *agent = *state;
	char name[300];

	count_times(agent, 64, "a", NULL);
	expect_lines(agent, 64, "tokenserver.a:1|c");
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		metrics_count(agent->metrics, name, 1, NULL);
	}
	assert_null(next_line(agent));
	metrics_count(agent->metrics, "one.too.many", 1, NULL);
	expect_lines(agent, 1, "tokenserver.one.too.many:1|c");
	metrics_flush(agent->metrics, now_ms);
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "tokenserver.n%d:1|c", i);
		expect_line(agent, name);
	}
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	metrics_count(agent->metrics, name, 1, NULL);
	assert_non_null(next_line(agent));
}

static void a_sum_never_overflows(void **state) {
	struct agent *agent = *state;

	count_times(agent, 64, "a", NULL);
	expect_lines(agent, 64, "tokenserver.a:1|c");
	metrics_count(agent->metrics, "a", INT64_MAX, NULL);
	assert_null(next_line(agent));
	metrics_count(agent->metrics, "a", 2, NULL);
	expect_lines(agent, 1, "tokenserver.a:2|c");
	metrics_flush(agent->metrics, now_ms);
	expect_lines(agent, 1, "tokenserver.a:9223372036854775807|c");
}

static void close_sends_what_was_added_up(void **state) {
	struct agent *agent = *state;

	count_times(agent, 66, "a", NULL);
	expect_lines(agent, 64, "tokenserver.a:1|c");
	metrics_close(agent->metrics);
	agent->metrics = NULL;
	expect_lines(agent, 1, "tokenserver.a:2|c");
}

static void drops_a_line_that_is_too_long(void **state) {
	struct agent *agent = *state;
	char tags[600];

	memset(tags, 'x', sizeof(tags) - 1);
	tags[sizeof(tags) - 1] = '\0';
	metrics_count(agent->metrics, "a", 1, tags);
	assert_null(next_line(agent));
}

static void an_agent_that_comes_back_misses_nothing_more(void **state) {
	struct agent *agent = *state;

	close(agent->fd);
	errno = EDOM;
	count_times(agent, 3, "lost", NULL);
	assert_int_equal(errno, EDOM);
	agent_listen(agent, agent->port);
	metrics_count(agent->metrics, "found", 1, NULL);
	expect_lines(agent, 1, "tokenserver.found:1|c");
}

static void finds_a_host_by_its_name(void **state) {
	struct agent *agent = *state;
	struct metrics *named;

	assert_int_equal(metrics_open(&named, "localhost", agent->port, "p"), 0);
	metrics_count(named, "a", 1, NULL);
	expect_line(agent, "p.a:1|c");
	metrics_close(named);
}

static void a_name_server_that_hangs_is_not_waited_for(void **state) {
	struct metrics *metrics = NULL;
	struct timespec began, end;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &began);
	assert_int_equal(metrics_open(&metrics, "hang.test", 8125, "p"), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_null(metrics);
	assert_int_in_range(end.tv_sec - began.tv_sec, 1, 10);
}

static void an_address_needs_no_name_server(void **state) {
	struct metrics *metrics = NULL;

	(void)state;
	assert_int_equal(metrics_open(&metrics, "::1", 8125, "p"), 0);
	metrics_close(metrics);
}

static void each_error_has_its_words(void **state) {
	(void)state;
	assert_string_equal(metrics_words(-EINVAL), "the name is not known");
	assert_string_equal(metrics_words(-ETIMEDOUT), "the name server does not answer");
	assert_string_equal(metrics_words(-EMFILE), strerror(EMFILE));
}

static void without_a_host_everything_is_swallowed(void **state) {
	struct metrics *metrics = (struct metrics *)&now_ms;

	(void)state;
	assert_int_equal(metrics_open(&metrics, NULL, 8125, "p"), 0);
	assert_null(metrics);
	assert_int_equal(metrics_open(&metrics, "", 8125, "p"), 0);
	metrics_count(metrics, "a", 1, NULL);
	metrics_gauge(metrics, "a", 1, NULL);
	metrics_timing(metrics, "a", 1, NULL);
	metrics_flush(metrics, 0);
	metrics_close(metrics);
}

static void refuses_an_address_that_cannot_be(void **state) {
	struct metrics *metrics = NULL;

	(void)state;
	assert_int_equal(metrics_open(&metrics, "127.0.0.1", 0, "p"), -EINVAL);
	assert_int_equal(metrics_open(&metrics, "a..b", 8125, "p"), -EINVAL);
	assert_null(metrics);
}

#define AGENT_TEST(test) cmocka_unit_test_setup_teardown(test, agent_start, agent_stop)

int main(void) {
	const struct CMUnitTest tests[] = {
		AGENT_TEST(sends_a_counter_with_its_tags),
		AGENT_TEST(sends_no_tag_mark_without_tags),
		AGENT_TEST(sends_gauges_and_timings),
		AGENT_TEST(adds_up_counters_above_the_budget),
		AGENT_TEST(keeps_sums_apart_by_name_and_tags),
		AGENT_TEST(sends_at_once_again_in_the_next_window),
		AGENT_TEST(gauges_are_never_held_back),
		AGENT_TEST(sends_at_once_what_has_no_room_to_wait),
		AGENT_TEST(a_sum_never_overflows),
		AGENT_TEST(close_sends_what_was_added_up),
		AGENT_TEST(drops_a_line_that_is_too_long),
		AGENT_TEST(an_agent_that_comes_back_misses_nothing_more),
		AGENT_TEST(finds_a_host_by_its_name),
		cmocka_unit_test(a_name_server_that_hangs_is_not_waited_for),
		cmocka_unit_test(an_address_needs_no_name_server),
		cmocka_unit_test(each_error_has_its_words),
		cmocka_unit_test(without_a_host_everything_is_swallowed),
		cmocka_unit_test(refuses_an_address_that_cannot_be),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
