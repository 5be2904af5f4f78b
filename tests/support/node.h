// SPDX-License-Identifier: MPL-2.0
// node: a storage node for tests: an HTTP/1.1 server on 127.0.0.1 that does as its script says and
// remembers what it was asked.
//
// struct node *node = node_start(); node_script(node, &(struct node_step){.status = 503, .times =
// 2}); … requests to node_url(node) … assert_int_equal(node_requests(node), 3); node_stop(node);
//
// It has a thread of its own; all functions may be called from any other. What cannot be set up
// ends the test program.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node; // opaque

enum node_act {
	NODE_ANSWER, // with status, headers and body
	// The same, one byte every delay_ms (1 when not set).
	NODE_DRIP,
	// The same, then closes in the middle of the body.
	NODE_HALF,
	NODE_CLOSE, // closes without an answer
	NODE_RESET, // resets the connection without an answer
	NODE_HANG, // never answers
	// Sends what is not HTTP, then closes.
	NODE_GARBAGE,
	NODE_ENDLESS_HEADERS, // header lines without end
	NODE_ENDLESS_LINE, // one header line without end
};

struct node_step {
	enum node_act act;
	int status; // 0: 200
	int delay_ms; // before the answer
	// This many "103 Early Hints" before it.
	int interim;
	// How many requests it is for; 0: one, -1: all that follow.
	int times;
	// Closes after the answer without having said so.
	bool hang_up;
	// Only for requests whose target begins so; NULL: any.
	const char *target;
	// More header lines, each ended by "\r\n"; NULL: none.
	const char *headers;
	const char *body; // NULL: body_bytes of filler
	size_t body_bytes; // of the filler
};

// Starts a node that answers 200 with an empty body to everything.
struct node *node_start(void);
void node_stop(struct node *node); // closes all connections; NULL is fine

// Appends a step to the script, which is copied. A request gets the first step that fits and is not
// used up.
void node_script(struct node *node, const struct node_step *step);
// What happens when no step fits.
void node_default(struct node *node, const struct node_step *step);

// Closes all connections and refuses new ones until node_accept. The port stays the node's.
void node_refuse(struct node *node);
void node_accept(struct node *node);

// Only counts requests from now on, for long runs.
void node_record_nothing(struct node *node);

const char *node_url(const struct node *node); // "http://127.0.0.1:PORT"
uint16_t node_port(const struct node *node);

size_t node_requests(struct node *node); // how many arrived
size_t node_connections(struct node *node); // how many were accepted
// Requests without their whole answer, or whose connection the node is still to close.
size_t node_inflight(struct node *node);
size_t node_inflight_max(struct node *node); // the most there ever were

// Waits until `count` requests have arrived; false after 10 s.
bool node_wait_requests(struct node *node, size_t count);

// Of request number `index`, from 0 in order of arrival. Live until node_stop; NULL: no such
// request or header.
const char *node_request_method(struct node *node, size_t index);
const char *node_request_target(struct node *node, size_t index);
const char *node_request_header(struct node *node, size_t index, const char *name);
