// SPDX-License-Identifier: MPL-2.0
// node_conn: one connection of a node: reads requests, writes answers. Thread: the node's.
#pragma once

#include "support/node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum { NODE_HEAD_MAX_BYTES = 16 << 10 };

enum node_phase {
	NODE_READING, // until a whole request is there
	// For the step's delay, or for ever.
	NODE_WAITING,
	NODE_WRITING,
};

struct node_conn {
	TAILQ_ENTRY(node_conn) link; // all connections
	// Those with a time to wait for, soonest first.
	TAILQ_ENTRY(node_conn) timer;
	int fd;
	enum node_phase phase;
	bool timed; // in the list of timers
	// Epoll waits until it can be written.
	bool watched;
	int64_t due_ms;
	const struct node_step *step; // of the request in work
	size_t skip_bytes; // rest of a request's body
	size_t in_bytes;
	char *out;
	size_t out_bytes, out_at, out_size;
	char in[NODE_HEAD_MAX_BYTES];
};

enum node_progress {
	// Nothing to do until the socket can be read.
	NODE_MORE,
	// Nothing to do until the socket can be written.
	NODE_BLOCKED,
	NODE_TIMER, // nothing to do before due_ms
	NODE_DONE, // the answer is out
	NODE_OVER, // close it
};

struct node_conn *node_conn_new(int fd); // NULL: out of memory
void node_conn_free(struct node_conn *conn); // closes the socket

// Reads what there is. NODE_DONE: bytes arrived; NODE_MORE: none; NODE_OVER.
enum node_progress node_conn_read(struct node_conn *conn);
// The length of the request's head at the start of `in`, 0: not all of it is there yet.
size_t node_conn_head(const struct node_conn *conn);
// Takes the request's head out of `in` and begins `step`: NODE_TIMER, NODE_MORE (hangs) or as
// node_conn_write.
enum node_progress node_conn_begin(
	struct node_conn *conn, size_t head_bytes, const struct node_step *step, int64_t now_ms
);
// Goes on: after the delay, when writable. NODE_BLOCKED, NODE_TIMER, NODE_DONE, NODE_OVER.
enum node_progress node_conn_write(struct node_conn *conn, int64_t now_ms);
