// SPDX-License-Identifier: MPL-2.0
// client: an http and a node to talk to, for tests. What goes wrong in it fails the test.
#pragma once

#include "common/http/http.h"
#include "support/node.h"

enum { CLIENT_INFLIGHT_MAX = 64, CLIENT_BODY_DROP_BYTES = 100000, CLIENT_PATIENCE_MS = 20000 };

struct client {
	struct http *http;
	struct node *node;
	struct http_answer last; // without its body
	char body[256]; // of the last answer
	size_t answers;
	size_t failures; // answers other than 200
	void *tag;
	// How many more to start from the callback.
	size_t again;
};

extern const struct http_options client_options;

// One test with a client of its own as its state.
#define CLIENT_TEST(name) cmocka_unit_test_setup_teardown(name, client_setup, client_teardown)
int client_setup(void **state);
int client_teardown(void **state);

// Start one request and return what http_start does. The first ten bytes of the answer's body are
// kept.
int client_send(struct client *client, const char *method, const char *url, int64_t timeout_ms);
int client_delete(struct client *client, const char *path, int64_t timeout_ms); // of its node

void client_turn(struct client *client, int64_t timeout_ms); // waits and drains once
// Until there were so many in all.
void client_wait(struct client *client, size_t answers);

// A DELETE from start to answer.
const struct http_answer *client_ask(struct client *client, const char *path, int64_t timeout_ms);
