// SPDX-License-Identifier: MPL-2.0
// http_call_test: a request that is waited for.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/http/http_call.h"
#include "support/client.h"
#include "support/node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct heard {
	int answers;
	enum http_failure failure;
	int status;
	char body[16];
};

static void hear(void *ctx, const struct http_answer *answer) {
	struct heard *heard = ctx;

	heard->answers++;
	heard->failure = answer->failure;
	heard->status = answer->status;
	snprintf(
		heard->body,
		sizeof(heard->body),
		"%.*s",
		(int)answer->body_bytes,
		answer->body == NULL ? "" : (const char *)answer->body
	);
}

static void keep_status(void *ctx, const struct http_answer *answer) {
	char *kept = ctx;

	snprintf(kept, (size_t)2 * HTTP_KEPT_BYTES, "%d %s", answer->status, answer->kept[0]);
}

static int call(struct client *client, int64_t timeout_ms, struct heard *heard) {
	struct http_request request = {.method = "GET", .body_max_bytes = 8};
	int err;

	*heard = (struct heard){0};
	assert_int_equal(http_request_url(&request, node_url(client->node)), 0);
	err = http_call(client->http, &request, timeout_ms, hear, heard);
	http_request_fini(&request);
	return err;
}

static void waits_for_the_answer_and_hands_it_on(void **state) {
	struct client *client = *state;
	struct heard heard;

	node_script(
		client->node, &(struct node_step){.status = 203, .delay_ms = 20, .body = "list"}
	);
	assert_int_equal(call(client, 0, &heard), 0);
	assert_int_equal(heard.answers, 1);
	assert_int_equal(heard.status, 203);
	assert_string_equal(heard.body, "list");
}

static void a_node_that_never_answers_is_given_up_in_time(void **state) {
	struct client *client = *state;
	struct heard heard;
	int64_t began_ms = clock_mono_ms();

	node_script(client->node, &(struct node_step){.act = NODE_HANG});
	assert_int_equal(call(client, 50, &heard), 0);
	// Not that of the handle.
	assert_true(clock_mono_ms() - began_ms < client_options.request_timeout_ms / 2);
	assert_int_equal(heard.answers, 1);
	assert_int_equal(heard.failure, HTTP_FAILURE_TIMEOUT);
}

static void one_comes_after_the_other(void **state) {
	struct client *client = *state;
	struct heard heard;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(call(client, 0, &heard), 0);
		assert_int_equal(heard.status, 200);
	}
	assert_int_equal(node_requests(client->node), 100);
	assert_int_equal(node_connections(client->node), 1);
}

static void hands_on_the_headers_of_the_last_answer_alone(void **state) {
	static const char *const wanted[] = {"X-Account-Status", NULL};
	struct client *client = *state;
	struct http_request request = {.method = "HEAD", .keep = wanted};
	char kept[2 * HTTP_KEPT_BYTES];

	node_script(
		client->node,
		&(struct node_step){.status = 404, .headers = "X-Account-Status: Deleted\r\n"}
	);
	node_script(client->node, &(struct node_step){.status = 404});
	assert_int_equal(http_request_url(&request, node_url(client->node)), 0);
	assert_int_equal(http_call(client->http, &request, 0, keep_status, kept), 0);
	assert_string_equal(kept, "404 Deleted");
	assert_int_equal(http_call(client->http, &request, 0, keep_status, kept), 0);
	assert_string_equal(kept, "404 ");
	http_request_fini(&request);
}

static void what_cannot_be_sent_is_said_at_once(void **state) {
	struct client *client = *state;
	struct http_request request = {.method = "GET"};
	struct heard heard = {0};

	assert_int_equal(http_request_url(&request, "ftp://127.0.0.1/"), 0);
	assert_int_equal(http_call(client->http, &request, 0, hear, &heard), -EINVAL);
	assert_int_equal(heard.answers, 0);
	http_request_fini(&request);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			waits_for_the_answer_and_hands_it_on, client_setup, client_teardown
		),
		cmocka_unit_test_setup_teardown(
			a_node_that_never_answers_is_given_up_in_time, client_setup, client_teardown
		),
		cmocka_unit_test_setup_teardown(
			one_comes_after_the_other, client_setup, client_teardown
		),
		cmocka_unit_test_setup_teardown(
			hands_on_the_headers_of_the_last_answer_alone, client_setup, client_teardown
		),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_sent_is_said_at_once, client_setup, client_teardown
		),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
