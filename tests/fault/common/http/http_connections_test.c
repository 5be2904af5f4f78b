// SPDX-License-Identifier: MPL-2.0
// http_connections_test: many transfers of http at once: names, connections, waiting.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/http/http.h"
#include "support/client.h"
#include "support/files.h"
#include "support/node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Names

static void a_name_that_is_not_found_fails_to_connect(void **state) {
	struct client *client = *state;
	assert_int_equal(client_send(client, "DELETE", "http://missing.test/", 0), 0);
	client_wait(client, 1);
	assert_int_equal(client->last.failure, HTTP_FAILURE_CONNECT);
}

static void a_resolver_that_hangs_holds_up_nobody(void **state) {
	struct client *client = *state;
	int64_t start_ms = clock_mono_ms();
	assert_int_equal(client_send(client, "DELETE", "http://hang.test/", 300), 0);
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
	assert_int_equal(http_inflight(client->http), 1);
	client_wait(client, 2);
	assert_int_equal(client->last.failure, HTTP_FAILURE_TIMEOUT);
	assert_true(client->last.elapsed_ms >= 299);
	assert_int_equal(client_send(client, "DELETE", "http://hang.test/", 60000), 0);
	assert_int_equal(http_poll(client->http, NULL, 0, 0), 0);
	http_close(client->http);
	client->http = NULL;
	assert_true(clock_mono_ms() - start_ms < 3000);
}

static void names_that_hang_hold_up_no_other(void **state) {
	struct client *client = *state;
	for (int i = 0; i < CLIENT_INFLIGHT_MAX - 1; i++)
		assert_int_equal(client_send(client, "DELETE", "http://hang.test/", 60000), 0);
	assert_int_equal(client_send(client, "DELETE", "http://missing.test/", 0), 0);
	client_wait(client, 1);
	assert_int_equal(client->last.failure, HTTP_FAILURE_CONNECT);
}

// Files

static void a_lack_of_files_is_ours_and_no_fault_of_the_node(void **state) {
	struct client *client = *state;
	const char *const urls[] = {node_url(client->node), "http://missing.test/"};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct rlimit before = files_leave_none();
		int err = client_send(client, "DELETE", urls[i], 0);
		if (err == 0)
			client_wait(client, i + 1);
		files_restore(&before);
		assert_int_equal(err, 0);
		assert_int_equal(client->last.failure, HTTP_FAILURE_FILES);
		assert_non_null(strstr(client->last.message, "LimitNOFILE"));
	}
	assert_int_equal(node_requests(client->node), 0);
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
}

// Connections

static void one_after_the_other_they_share_a_connection(void **state) {
	struct client *client = *state;
	for (int i = 0; i < 200; i++)
		client_ask(client, "/", 0);
	assert_int_equal(client->failures, 0);
	assert_int_equal(node_requests(client->node), 200);
	assert_int_equal(node_connections(client->node), 1);
}

static void many_at_once_keep_their_connections(void **state) {
	struct client *client = *state;
	node_default(client->node, &(struct node_step){.delay_ms = 2});
	for (int i = 0; i < CLIENT_INFLIGHT_MAX; i++)
		assert_int_equal(client_delete(client, "/", 0), 0);
	client->again = 2000;
	client_wait(client, 2000 + CLIENT_INFLIGHT_MAX);
	assert_int_equal(client->failures, 0);
	assert_int_equal(node_requests(client->node), 2000 + CLIENT_INFLIGHT_MAX);
	assert_true(node_connections(client->node) <= CLIENT_INFLIGHT_MAX);
}

static void starts_no_more_than_it_may(void **state) {
	struct client *client = *state;
	node_default(client->node, &(struct node_step){.delay_ms = 50});
	for (int i = 0; i < CLIENT_INFLIGHT_MAX; i++)
		assert_int_equal(client_delete(client, "/", 0), 0);
	assert_int_equal(client_delete(client, "/", 0), -ENOBUFS);
	assert_int_equal(http_inflight(client->http), CLIENT_INFLIGHT_MAX);
	client_wait(client, CLIENT_INFLIGHT_MAX);
	assert_int_equal(node_inflight_max(client->node), CLIENT_INFLIGHT_MAX);
	assert_int_equal(http_inflight(client->http), 0);
}

static void an_answer_never_comes_from_inside_start(void **state) {
	struct client *client = *state;
	node_refuse(client->node);
	for (int i = 0; i < 10; i++)
		assert_int_equal(client_delete(client, "/", 0), 0);
	assert_int_equal(client->answers, 0);
	client_wait(client, 10);
	assert_int_equal(client->failures, 10);
}

static void a_connection_closed_while_idle_costs_no_failure(void **state) {
	struct client *client = *state;
	node_default(client->node, &(struct node_step){.hang_up = true});
	for (int i = 0; i < 20; i++) {
		assert_int_equal(client_ask(client, "/", 0)->status, 200);
		while (node_inflight(client->node) > 0) // what crosses the close is reset
			sched_yield();
	}
	assert_int_equal(node_connections(client->node), 20);
}

static void a_request_on_a_dead_connection_is_sent_again(void **state) {
	struct client *client = *state;
	client_ask(client, "/first", 0);
	node_script(client->node, &(struct node_step){.act = NODE_CLOSE});
	assert_int_equal(client_ask(client, "/second", 0)->status, 200);
	assert_int_equal(node_requests(client->node), 3);
	assert_string_equal(node_request_target(client->node, 1), "/second");
	assert_string_equal(node_request_target(client->node, 2), "/second");
}

static void a_hanging_request_holds_up_no_other(void **state) {
	struct client *client = *state;
	node_script(
		client->node, &(struct node_step){.act = NODE_HANG, .target = "/hang", .times = -1}
	);
	for (int i = 0; i < CLIENT_INFLIGHT_MAX / 2; i++)
		assert_int_equal(client_delete(client, "/hang", 0), 0);
	assert_int_equal(http_poll(client->http, NULL, 0, 0), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(client_ask(client, "/", 0)->status, 200);
	assert_int_equal(http_inflight(client->http), CLIENT_INFLIGHT_MAX / 2);
}

static void closing_aborts_what_is_in_flight(void **state) {
	struct client *client = *state;
	node_default(client->node, &(struct node_step){.act = NODE_HANG});
	for (int i = 0; i < 10; i++)
		assert_int_equal(client_delete(client, "/", 0), 0);
	int64_t end_ms = clock_mono_ms() + CLIENT_PATIENCE_MS;
	while (node_requests(client->node) < 10 && clock_mono_ms() < end_ms) {
		client_turn(client, 10);
	}
	http_close(client->http);
	client->http = NULL;
	assert_int_equal(client->answers, 0);
}

// Waiting

static void a_wake_before_the_wait_is_not_lost(void **state) {
	struct client *client = *state;
	http_wake(client->http);
	int64_t start_ms = clock_mono_ms();
	assert_int_equal(http_poll(client->http, NULL, 0, CLIENT_PATIENCE_MS), 0);
	assert_true(clock_mono_ms() - start_ms < CLIENT_PATIENCE_MS / 2);
}

static void *wake(void *ctx) {
	http_wake(ctx);
	return NULL;
}

static void another_thread_can_end_the_wait(void **state) {
	struct client *client = *state;
	pthread_t thread;
	int64_t start_ms = clock_mono_ms();
	assert_int_equal(pthread_create(&thread, NULL, wake, client->http), 0);
	assert_int_equal(http_poll(client->http, NULL, 0, CLIENT_PATIENCE_MS), 0);
	pthread_join(thread, NULL);
	assert_true(clock_mono_ms() - start_ms < CLIENT_PATIENCE_MS / 2);
}

static void the_wait_tells_which_other_descriptors_are_ready(void **state) {
	struct client *client = *state;
	int quiet[2], ready[2], hung[2];
	assert_int_equal(pipe(quiet) | pipe(ready) | pipe(hung), 0);
	assert_int_equal(write(ready[1], "x", 1), 1);
	close(hung[1]);

	struct pollfd fds[] = {
		{.fd = quiet[0], .events = POLLIN},
		{.fd = ready[0], .events = POLLIN},
		{.fd = hung[0], .events = POLLIN},
		{.fd = quiet[1], .events = POLLOUT},
	};
	assert_int_equal(http_poll(client->http, fds, 4, CLIENT_PATIENCE_MS), 0);
	assert_int_equal(fds[0].revents, 0);
	assert_int_equal(fds[1].revents, POLLIN);
	assert_int_equal(fds[2].revents, POLLHUP);
	assert_int_equal(fds[3].revents, POLLOUT);

	int all[] = {quiet[0], quiet[1], ready[0], ready[1], hung[0]};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		close(all[i]);
}

// Lateness

static void send_until(struct client *client, const char *url, int64_t send_by_ms) {
	struct http_request request = {.method = "DELETE", .send_by_ms = send_by_ms};
	assert_int_equal(http_request_url(&request, url), 0);
	assert_int_equal(http_start(client->http, &request, 0, client), 0);
	http_request_fini(&request);
}

static void a_request_is_sent_in_time_or_not_at_all(void **state) {
	struct client *client = *state;
	// On a new connection, then on one that is there.
	for (int i = 0; i < 2; i++) {
		send_until(client, node_url(client->node), clock_mono_ms() + 10000);
		client_wait(client, client->answers + 1);
		assert_int_equal(client->last.status, 200);
		send_until(client, node_url(client->node), clock_mono_ms());
		client_wait(client, client->answers + 1);
		assert_int_equal(client->last.failure, HTTP_FAILURE_STALE);
		assert_int_equal(client->last.status, 0);
	}
	send_until(client, node_url(client->node), 0);
	client_wait(client, client->answers + 1);
	assert_int_equal(client->last.status, 200);
	assert_int_equal(node_requests(client->node), 3);
}

// Listens, and has so many connections waiting that the next one has to wait for its own.
static int listen_crowded(struct sockaddr_in *address, int *waiting, size_t count) {
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
	for (size_t i = 0; i < count; i++) {
		waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(waiting[i], (struct sockaddr *)address, size) < 0)
			assert_int_equal(errno, EINPROGRESS);
	}
	return fd;
}

enum { CROWD = 4 };

// A server whose next connection is there once it lets it in.
struct crowded {
	int fd;
	int waiting[CROWD];
	char url[64];
};

static void crowd(struct crowded *crowded) {
	struct sockaddr_in address;

	crowded->fd = listen_crowded(&address, crowded->waiting, CROWD);
	snprintf(
		crowded->url,
		sizeof(crowded->url),
		"http://127.0.0.1:%u/",
		(unsigned)ntohs(address.sin_port)
	);
}

// Until the client has an answer; it sends nothing on its connection.
static void let_in(struct crowded *crowded, struct client *client) {
	char byte;

	assert_int_equal(client->answers, 0);
	for (int i = 0; i < CROWD; i++)
		close(crowded->waiting[i]);
	assert_int_equal(fcntl(crowded->fd, F_SETFL, O_NONBLOCK), 0);
	while (client->answers == 0) {
		int peer = accept(crowded->fd, NULL, NULL);
		if (peer >= 0) {
			while (client->answers == 0 && recv(peer, &byte, 1, MSG_DONTWAIT) != 0)
				client_turn(client, 50);
			assert_true(recv(peer, &byte, 1, MSG_DONTWAIT) <= 0);
			close(peer);
		}
		client_turn(client, 50);
	}
	assert_int_equal(client->last.failure, HTTP_FAILURE_STALE);
	close(crowded->fd);
}

static void what_waited_for_its_connection_for_too_long_is_not_sent(void **state) {
	struct client *client = *state;
	struct crowded crowded;
	int64_t send_by_ms = clock_mono_ms() + 200;

	crowd(&crowded);
	send_until(client, crowded.url, send_by_ms);
	while (clock_mono_ms() < send_by_ms)
		client_turn(client, 50);
	let_in(&crowded, client);
}

static void what_expires_while_it_waits_for_its_connection_is_not_sent(void **state) {
	struct client *client = *state;
	struct crowded crowded;

	crowd(&crowded);
	send_until(client, crowded.url, 0);
	client_turn(client, 50);
	http_expire_unsent(client->http);
	let_in(&crowded, client);
}

static void what_is_sent_does_not_expire(void **state) {
	struct client *client = *state;

	node_default(client->node, &(struct node_step){.delay_ms = 200});
	send_until(client, node_url(client->node), 0);
	while (node_requests(client->node) == 0)
		client_turn(client, 50);
	http_expire_unsent(client->http);
	client_wait(client, 1);
	assert_int_equal(client->last.status, 200);
}

int main(void) {
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_name_that_is_not_found_fails_to_connect),
		CLIENT_TEST(a_resolver_that_hangs_holds_up_nobody),
		CLIENT_TEST(names_that_hang_hold_up_no_other),
		CLIENT_TEST(a_lack_of_files_is_ours_and_no_fault_of_the_node),
		CLIENT_TEST(one_after_the_other_they_share_a_connection),
		CLIENT_TEST(many_at_once_keep_their_connections),
		CLIENT_TEST(starts_no_more_than_it_may),
		CLIENT_TEST(an_answer_never_comes_from_inside_start),
		CLIENT_TEST(a_connection_closed_while_idle_costs_no_failure),
		CLIENT_TEST(a_request_on_a_dead_connection_is_sent_again),
		CLIENT_TEST(a_hanging_request_holds_up_no_other),
		CLIENT_TEST(closing_aborts_what_is_in_flight),
		CLIENT_TEST(a_wake_before_the_wait_is_not_lost),
		CLIENT_TEST(another_thread_can_end_the_wait),
		CLIENT_TEST(a_request_is_sent_in_time_or_not_at_all),
		CLIENT_TEST(what_waited_for_its_connection_for_too_long_is_not_sent),
		CLIENT_TEST(what_expires_while_it_waits_for_its_connection_is_not_sent),
		CLIENT_TEST(what_is_sent_does_not_expire),
		CLIENT_TEST(the_wait_tells_which_other_descriptors_are_ready),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
