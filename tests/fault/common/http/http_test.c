// SPDX-License-Identifier: MPL-2.0
// http_test: what http sends, and what it makes of a node that behaves badly.
#include "support/test.h"

#include "common/http/http.h"
#include "support/client.h"
#include "support/node.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

// What is sent

static void sends_the_request_as_it_was_given(void **state) {
	struct client *client = *state;
	struct node *node = client->node;
	static const char path[] = "/1.5/../a//./b%2F%7E?c=%20&d=../e";
	assert_int_equal(client_ask(client, path, 0)->status, 200);
	assert_ptr_equal(client->tag, client);
	assert_int_equal(client->last.failure, HTTP_FAILURE_NONE);
	assert_string_equal(client->last.message, "");

	char host[32];
	snprintf(host, sizeof(host), "127.0.0.1:%u", (unsigned)node_port(node));
	assert_string_equal(node_request_method(node, 0), "DELETE");
	assert_string_equal(node_request_target(node, 0), path);
	assert_string_equal(node_request_header(node, 0, "host"), host);
	assert_string_equal(node_request_header(node, 0, "Authorization"), "Hawk id=\"x\"");
	assert_string_equal(node_request_header(node, 0, "User-Agent"), "purgefleet/test");
	static const char *const absent[] = {
		"Accept-Encoding", "Cookie", "Expect", "Transfer-Encoding", "Upgrade"};
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_null(node_request_header(node, 0, absent[i]));
}

// libcurl 8.20 and later write them in upper case.
static void changes_nothing_but_the_case_of_escapes(void **state) {
	struct client *client = *state;
	static const char path[] = "/1.5/../a//./b%2f%7e?c=%0a&d=../e";
	assert_int_equal(client_ask(client, path, 0)->status, 200);
	assert_int_equal(strcasecmp(node_request_target(client->node, 0), path), 0);
}

static void headers_of_one_request_are_not_sent_with_the_next(void **state) {
	struct client *client = *state;
	struct http_request request = {.method = "GET"};
	client_ask(client, "/1", 0);
	assert_int_equal(http_request_url(&request, node_url(client->node)), 0);
	assert_int_equal(http_start(client->http, &request, 0, NULL), 0);
	http_request_fini(&request);
	client_wait(client, 2);
	assert_string_equal(node_request_method(client->node, 1), "GET");
	assert_null(node_request_header(client->node, 1, "Authorization"));
}

static void a_head_request_waits_for_no_body(void **state) {
	struct client *client = *state;
	node_default(client->node, &(struct node_step){.body_bytes = 500});
	assert_int_equal(client_send(client, "HEAD", node_url(client->node), 0), 0);
	client_wait(client, 1);
	assert_int_equal(client->last.status, 200);
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
	assert_string_equal(node_request_method(client->node, 0), "HEAD");
	assert_string_equal(node_request_method(client->node, 1), "DELETE");
	assert_int_equal(node_connections(client->node), 1);
}

static void refuses_what_is_not_a_plain_web_address(void **state) {
	struct client *client = *state;
	static const char *const bad[] = {
		"",
		"/path",
		"node/1.5/7",
		"ftp://127.0.0.1/",
		"file:///etc/hostname",
		"gopher://127.0.0.1/",
		"http://",
		"http://user@127.0.0.1/",
		"http://user:pass@127.0.0.1/",
		"http://127.0.0.1:99999/",
		"http://127.0.0.1/a b",
		"http://[::1/",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (client_send(client, "DELETE", bad[i], 0) != -EINVAL)
			fail_msg("took '%s'", bad[i]);
	}
	assert_int_equal(http_inflight(client->http), 0);
}

static void never_follows_a_redirect(void **state) {
	struct client *client = *state;
	struct node *other = node_start();
	char location[64];
	static const int statuses[] = {301, 302, 303, 307, 308};
	snprintf(location, sizeof(location), "Location: %s/elsewhere\r\n", node_url(other));
	for (size_t i = 0; i < 5; i++) {
		node_script(
			client->node,
			&(struct node_step){.status = statuses[i], .headers = location}
		);
		assert_int_equal(client_ask(client, "/", 0)->status, statuses[i]);
	}
	assert_int_equal(node_requests(client->node), 5);
	assert_int_equal(node_requests(other), 0);
	node_stop(other);
}

// Proxies

// No other thread of ours looks at the environment.
static void env_set(const char *name, const char *value) {
	if (value)
		setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe)
	else
		unsetenv(name); // NOLINT(concurrency-mt-unsafe)
}

static void takes_no_proxy_from_the_environment(void **state) {
	struct client *client = *state;
	struct node *proxy = node_start();
	static const char *const names[] = {"http_proxy", "all_proxy", "ALL_PROXY", "HTTP_PROXY"};
	for (size_t i = 0; i < 4; i++)
		env_set(names[i], node_url(proxy));
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
	for (size_t i = 0; i < 4; i++)
		env_set(names[i], NULL);
	assert_int_equal(node_requests(client->node), 1);
	assert_int_equal(node_requests(proxy), 0);
	node_stop(proxy);
}

static void uses_the_proxy_it_is_given_whatever_the_environment_says(void **state) {
	(void)state;
	struct client client = {.node = node_start()};
	struct node *proxy = node_start();
	struct http_options options = client_options;
	options.proxy = node_url(proxy);
	env_set("no_proxy", "*");
	assert_int_equal(http_open(&client.http, &options), 0);
	assert_int_equal(client_ask(&client, "/7", 0)->status, 200);
	env_set("no_proxy", NULL);
	assert_int_equal(node_requests(client.node), 0);
	assert_int_equal(node_requests(proxy), 1);

	char target[64];
	snprintf(target, sizeof(target), "%s/7", node_url(client.node));
	assert_string_equal(node_request_target(proxy, 0), target);
	http_close(client.http);
	node_stop(proxy);
	node_stop(client.node);
}

// Answers

static void keeps_only_the_beginning_of_a_body(void **state) {
	struct client *client = *state;
	node_script(client->node, &(struct node_step){.body = "short"});
	node_script(client->node, &(struct node_step){.body = "longer than ten"});
	client_ask(client, "/", 0);
	assert_string_equal(client->body, "short");
	assert_int_equal(client_ask(client, "/", 0)->body_bytes, 10);
	assert_string_equal(client->body, "longer tha");
	assert_int_equal(node_connections(client->node), 1);
}

static void a_huge_body_ends_the_transfer_and_is_judged_by_its_status(void **state) {
	struct client *client = *state;
	node_script(
		client->node,
		&(struct node_step){
			.status = 503, .headers = "Retry-After: 7\r\n", .body_bytes = 50000000}
	);
	client_ask(client, "/", 0);
	assert_int_equal(client->last.failure, HTTP_FAILURE_NONE);
	assert_int_equal(client->last.status, 503);
	assert_int_equal(client->last.hold_ms, 7000);
	assert_string_not_equal(client->last.message, "");
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
	assert_int_equal(node_connections(client->node), 2);
}

static void a_body_at_the_limit_keeps_the_connection(void **state) {
	struct client *client = *state;
	node_script(client->node, &(struct node_step){.body_bytes = CLIENT_BODY_DROP_BYTES});
	assert_string_equal(client_ask(client, "/", 0)->message, "");
	client_ask(client, "/", 0);
	assert_int_equal(node_connections(client->node), 1);
}

static void tells_how_long_the_node_asks_us_to_wait(void **state) {
	struct client *client = *state;
	node_script(
		client->node,
		&(struct node_step){
			.status = 429,
			.headers = "Retry-After: 2\r\nx-backoff: 3.5\r\nX-Weave-Backoff: 1\r\n"
				   "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
		}
	);
	client_ask(client, "/", 0);
	assert_int_equal(client->last.status, 429);
	assert_int_equal(client->last.hold_ms, 3500);
	assert_int_equal(client->last.date_s, 784111777);
	client_ask(client, "/", 0);
	assert_int_equal(client->last.hold_ms, 0);
	assert_int_equal(client->last.date_s, 0);
}

static void passes_over_interim_answers(void **state) {
	struct client *client = *state;
	node_script(client->node, &(struct node_step){.status = 204, .interim = 3});
	client_ask(client, "/", 0);
	assert_int_equal(client->last.status, 204);
	assert_int_equal(client->last.hold_ms, 0);
}

// Failures

struct fault {
	const char *name;
	struct node_step step;
	enum http_failure want;
	int64_t timeout_ms;
};

static const struct fault faults[] = {
	{"reset", {.act = NODE_RESET}, HTTP_FAILURE_CONNECT, 0},
	{"late reset", {.act = NODE_RESET, .delay_ms = 20}, HTTP_FAILURE_CONNECT, 0},
	{"close", {.act = NODE_CLOSE}, HTTP_FAILURE_CONNECT, 0},
	{"half", {.act = NODE_HALF, .body = "0123456789"}, HTTP_FAILURE_CONNECT, 0},
	{"half of much", {.act = NODE_HALF, .body_bytes = 90000}, HTTP_FAILURE_CONNECT, 0},
	{"half of a 404", {.act = NODE_HALF, .status = 404}, HTTP_FAILURE_CONNECT, 0},
	{"hang", {.act = NODE_HANG}, HTTP_FAILURE_TIMEOUT, 100},
	{"late", {.delay_ms = 60000}, HTTP_FAILURE_TIMEOUT, 100},
	{"drip", {.act = NODE_DRIP, .delay_ms = 10}, HTTP_FAILURE_TIMEOUT, 100},
	{"garbage", {.act = NODE_GARBAGE}, HTTP_FAILURE_OTHER, 0},
	{"endless headers", {.act = NODE_ENDLESS_HEADERS}, HTTP_FAILURE_OTHER, 0},
	{"endless line", {.act = NODE_ENDLESS_LINE}, HTTP_FAILURE_OTHER, 0},
	{"endless interim", {.interim = 10000}, HTTP_FAILURE_OTHER, 0},
};

static void each_fault_gets_its_class(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *fault = &faults[i];
		struct client own = {.node = node_start()};
		assert_int_equal(http_open(&own.http, &client_options), 0);
		node_script(own.node, &fault->step);
		const struct http_answer *answer = client_ask(&own, "/", fault->timeout_ms);
		if (answer->failure != fault->want || answer->status != 0 || !answer->message[0])
			fail_msg(
				"%s: failure %d status %d '%s'",
				fault->name,
				(int)answer->failure,
				answer->status,
				answer->message
			);
		assert_int_equal(answer->body_bytes, 0);
		assert_int_equal(node_requests(own.node), 1);

		// the next request is not harmed
		node_default(own.node, &(struct node_step){.status = 204});
		assert_int_equal(client_ask(&own, "/", 0)->status, 204);
		http_close(own.http);
		node_stop(own.node);
	}
}

static void a_slow_answer_in_time_is_an_answer(void **state) {
	struct client *client = *state;
	node_script(client->node, &(struct node_step){.act = NODE_DRIP, .body = "ok"});
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
	assert_string_equal(client->body, "ok");
	assert_true(client->last.elapsed_ms >= 30);
}

static void a_closed_port_fails_and_an_open_one_works_again(void **state) {
	struct client *client = *state;
	node_refuse(client->node);
	assert_int_equal(client_ask(client, "/", 0)->failure, HTTP_FAILURE_CONNECT);
	assert_string_not_equal(client->last.message, "");
	node_accept(client->node);
	assert_int_equal(client_ask(client, "/", 0)->status, 200);
}

static void tls_to_a_server_without_it_fails_to_connect(void **state) {
	struct client *client = *state;
	char url[64];
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", (unsigned)node_port(client->node));
	assert_int_equal(client_send(client, "DELETE", url, 0), 0);
	client_wait(client, 1);
	assert_int_equal(client->last.failure, HTTP_FAILURE_CONNECT);
	assert_int_equal(client->last.status, 0);
	assert_string_not_equal(client->last.message, "");
}

static void a_certificate_file_that_is_not_there_is_refused(void **state) {
	(void)state;
	struct http_options options = client_options;
	struct http *http = NULL;
	options.ca_file = "/nonexistent/ca.pem";
	assert_int_equal(http_open(&http, &options), -EINVAL);
	assert_null(http);
}

int main(void) {
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(sends_the_request_as_it_was_given),
		CLIENT_TEST(changes_nothing_but_the_case_of_escapes),
		CLIENT_TEST(headers_of_one_request_are_not_sent_with_the_next),
		CLIENT_TEST(a_head_request_waits_for_no_body),
		CLIENT_TEST(refuses_what_is_not_a_plain_web_address),
		CLIENT_TEST(never_follows_a_redirect),
		CLIENT_TEST(takes_no_proxy_from_the_environment),
		cmocka_unit_test(uses_the_proxy_it_is_given_whatever_the_environment_says),
		CLIENT_TEST(keeps_only_the_beginning_of_a_body),
		CLIENT_TEST(a_huge_body_ends_the_transfer_and_is_judged_by_its_status),
		CLIENT_TEST(a_body_at_the_limit_keeps_the_connection),
		CLIENT_TEST(tells_how_long_the_node_asks_us_to_wait),
		CLIENT_TEST(passes_over_interim_answers),
		cmocka_unit_test(each_fault_gets_its_class),
		CLIENT_TEST(a_slow_answer_in_time_is_an_answer),
		CLIENT_TEST(a_closed_port_fails_and_an_open_one_works_again),
		CLIENT_TEST(tls_to_a_server_without_it_fails_to_connect),
		cmocka_unit_test(a_certificate_file_that_is_not_there_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
