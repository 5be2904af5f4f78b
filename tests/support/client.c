// SPDX-License-Identifier: MPL-2.0
// client: an http and a node to talk to, for tests.
#include "support/client.h"

#include "common/base/clock.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const wait_headers[] = {"X-Backoff", "X-Weave-Backoff", NULL};

const struct http_options client_options = {
	.inflight_max = CLIENT_INFLIGHT_MAX,
	.request_timeout_ms = 10000,
	.connect_timeout_ms = 5000,
	.user_agent = "purgefleet/test",
	.body_drop_bytes = CLIENT_BODY_DROP_BYTES,
	.wait_headers = wait_headers,
};

int client_setup(void **state) {
	struct client *client = calloc(1, sizeof(*client));
	assert_non_null(client);
	assert_int_equal(http_open(&client->http, &client_options), 0);
	client->node = node_start();
	*state = client;
	return 0;
}

int client_teardown(void **state) {
	struct client *client = *state;
	http_close(client->http);
	node_stop(client->node);
	free(client);
	return 0;
}

int client_send(struct client *client, const char *method, const char *url, int64_t timeout_ms) {
	struct http_request request = {.method = method, .body_max_bytes = 10};
	assert_int_equal(http_request_url(&request, url), 0);
	assert_int_equal(http_request_header(&request, "Authorization: Hawk id=\"x\""), 0);
	int err = http_start(client->http, &request, timeout_ms, client);
	http_request_fini(&request);
	return err;
}

int client_delete(struct client *client, const char *path, int64_t timeout_ms) {
	char url[256];
	snprintf(url, sizeof(url), "%s%s", node_url(client->node), path);
	return client_send(client, "DELETE", url, timeout_ms);
}

static void on_answer(void *ctx, void *tag, const struct http_answer *answer) {
	struct client *client = ctx;
	client->tag = tag;
	client->last = *answer;
	client->last.body = NULL;
	client->answers++;
	client->failures += answer->failure != HTTP_FAILURE_NONE || answer->status != 200;
	assert_true(answer->body_bytes < sizeof(client->body));
	if (answer->body)
		memcpy(client->body, answer->body, answer->body_bytes);
	client->body[answer->body_bytes] = '\0';
	if (client->again > 0) {
		client->again--;
		assert_int_equal(client_delete(client, "/again", 0), 0);
	}
}

void client_turn(struct client *client, int64_t timeout_ms) {
	assert_int_equal(http_poll(client->http, NULL, 0, timeout_ms), 0);
	http_drain(client->http, on_answer, client);
}

void client_wait(struct client *client, size_t answers) {
	int64_t end_ms = clock_mono_ms() + CLIENT_PATIENCE_MS;
	while (client->answers < answers) {
		assert_true(clock_mono_ms() < end_ms);
		client_turn(client, 1000);
	}
}

const struct http_answer *client_ask(struct client *client, const char *path, int64_t timeout_ms) {
	assert_int_equal(client_delete(client, path, timeout_ms), 0);
	client_wait(client, client->answers + 1);
	return &client->last;
}
