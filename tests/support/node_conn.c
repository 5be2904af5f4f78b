// SPDX-License-Identifier: MPL-2.0
// node_conn: one connection of a node: reads requests, writes answers.
#include "support/node_conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ENDLESS_BYTES = 32 << 10 };

struct node_conn *node_conn_new(int fd) {
	struct node_conn *conn = malloc(sizeof(*conn));
	if (!conn)
		return NULL;
	memset(conn, 0, offsetof(struct node_conn, in));
	conn->fd = fd;
	return conn;
}

void node_conn_free(struct node_conn *conn) {
	close(conn->fd);
	free(conn->out);
	free(conn);
}

// --- requests

static void drop_input(struct node_conn *conn, size_t bytes) {
	conn->in_bytes -= bytes;
	memmove(conn->in, conn->in + bytes, conn->in_bytes);
}

static void skip_body(struct node_conn *conn) {
	size_t bytes = conn->skip_bytes < conn->in_bytes ? conn->skip_bytes : conn->in_bytes;
	if (bytes == 0)
		return;
	conn->skip_bytes -= bytes;
	drop_input(conn, bytes);
}

enum node_progress node_conn_read(struct node_conn *conn) {
	size_t room = sizeof(conn->in) - conn->in_bytes;
	if (room == 0)
		return NODE_OVER;
	ssize_t got = recv(conn->fd, conn->in + conn->in_bytes, room, 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? NODE_MORE : NODE_OVER;
	if (got == 0)
		return NODE_OVER;
	conn->in_bytes += (size_t)got;
	skip_body(conn);
	if (conn->in_bytes > 0 && (conn->in[0] < 'A' || conn->in[0] > 'Z')) {
		static const char refusal[] = "HTTP/1.1 400 Not HTTP\r\nContent-Length: 0\r\n\r\n";
		send(conn->fd, refusal, sizeof(refusal) - 1, MSG_NOSIGNAL);
		return NODE_OVER;
	}
	return NODE_DONE;
}

size_t node_conn_head(const struct node_conn *conn) {
	const char *end = memmem(conn->in, conn->in_bytes, "\r\n\r\n", 4);
	return end ? (size_t)(end - conn->in) + 4 : 0;
}

static size_t content_length(const char *head, size_t bytes) {
	static const char name[] = "\r\nContent-Length:";
	const char *end = head + bytes;
	for (const char *at = head; (size_t)(end - at) > sizeof(name); at++) {
		at = memchr(at, '\r', (size_t)(end - at));
		if (!at || (size_t)(end - at) < sizeof(name))
			return 0;
		if (strncasecmp(at, name, sizeof(name) - 1) == 0)
			return strtoul(at + sizeof(name) - 1, NULL, 10);
	}
	return 0;
}

// --- answers

static bool out_reserve(struct node_conn *conn, size_t bytes) {
	if (bytes <= conn->out_size)
		return true;
	char *out = realloc(conn->out, bytes);
	if (!out)
		return false;
	conn->out = out;
	conn->out_size = bytes;
	return true;
}

static bool has_no_body(int status) {
	return status == 204 || status == 304;
}

static bool make_head(struct node_conn *conn, int status, size_t body_bytes) {
	const struct node_step *step = conn->step;
	const char *headers = step->headers ? step->headers : "";
	static const char interim[] = "HTTP/1.1 103 Early Hints\r\nRetry-After: 77\r\n\r\n";
	char length[48] = "";

	if (!has_no_body(status))
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body_bytes);
	size_t most = (size_t)step->interim * sizeof(interim) + 64 + sizeof(length) +
		strlen(headers) + body_bytes;
	if (!out_reserve(conn, most))
		return false;
	for (int i = 0; i < step->interim; i++) {
		memcpy(conn->out + conn->out_bytes, interim, sizeof(interim) - 1);
		conn->out_bytes += sizeof(interim) - 1;
	}
	int head = snprintf(
		conn->out + conn->out_bytes,
		conn->out_size - conn->out_bytes,
		"HTTP/1.1 %d Node\r\n%s%s\r\n",
		status,
		length,
		headers
	);
	conn->out_bytes += (size_t)head;
	return true;
}

static bool make_answer(struct node_conn *conn, bool is_head) {
	const struct node_step *step = conn->step;
	int status = step->status ? step->status : 200;
	size_t body_bytes = step->body ? strlen(step->body) : step->body_bytes;

	if (step->act == NODE_HALF && body_bytes < 2)
		body_bytes = 1000;
	if (!make_head(conn, status, body_bytes))
		return false;
	if (is_head || has_no_body(status))
		return true;
	if (step->act == NODE_HALF)
		body_bytes /= 2;
	if (step->body)
		memcpy(conn->out + conn->out_bytes, step->body, body_bytes);
	else
		memset(conn->out + conn->out_bytes, 'x', body_bytes);
	conn->out_bytes += body_bytes;
	return true;
}

static bool make_text(struct node_conn *conn, const char *text) {
	size_t bytes = strlen(text);
	if (!out_reserve(conn, bytes))
		return false;
	memcpy(conn->out, text, bytes);
	conn->out_bytes = bytes;
	return true;
}

static bool make_endless(struct node_conn *conn, const char *pattern) {
	size_t bytes = strlen(pattern);
	if (!out_reserve(conn, ENDLESS_BYTES) || !make_text(conn, "HTTP/1.1 200 Node\r\nX-More: y"))
		return false;
	while (conn->out_bytes + bytes <= ENDLESS_BYTES) {
		memcpy(conn->out + conn->out_bytes, pattern, bytes);
		conn->out_bytes += bytes;
	}
	return true;
}

static void reset(int fd) {
	const struct linger linger = {.l_onoff = 1, .l_linger = 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static bool make_output(struct node_conn *conn, bool is_head) {
	conn->out_bytes = 0;
	conn->out_at = 0;
	switch (conn->step->act) {
	case NODE_ANSWER:
	case NODE_DRIP:
	case NODE_HALF:
		return make_answer(conn, is_head);
	case NODE_GARBAGE:
		return make_text(conn, "\x15\x03\x01 this is no HTTP\n");
	case NODE_ENDLESS_HEADERS:
		return make_endless(conn, "\r\nX-More: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
	case NODE_ENDLESS_LINE:
		return make_endless(conn, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
	case NODE_CLOSE:
	case NODE_RESET:
	case NODE_HANG:
		break;
	}
	return true;
}

enum node_progress node_conn_begin(
	struct node_conn *conn, size_t head_bytes, const struct node_step *step, int64_t now_ms
) {
	bool is_head = strncmp(conn->in, "HEAD ", 5) == 0;

	conn->step = step;
	conn->phase = NODE_WAITING;
	conn->skip_bytes = content_length(conn->in, head_bytes);
	drop_input(conn, head_bytes);
	skip_body(conn);
	if (!make_output(conn, is_head))
		return NODE_OVER;
	if (step->act == NODE_HANG)
		return NODE_MORE;
	if (step->delay_ms > 0) {
		conn->due_ms = now_ms + step->delay_ms;
		return NODE_TIMER;
	}
	return node_conn_write(conn, now_ms);
}

static enum node_progress finish(struct node_conn *conn) {
	const struct node_step *step = conn->step;
	if (step->act == NODE_RESET)
		reset(conn->fd);
	if (step->hang_up || (step->act != NODE_ANSWER && step->act != NODE_DRIP))
		return NODE_OVER;
	conn->phase = NODE_READING;
	return NODE_DONE;
}

enum node_progress node_conn_write(struct node_conn *conn, int64_t now_ms) {
	enum node_act act = conn->step->act;

	conn->phase = NODE_WRITING;
	while (conn->out_at < conn->out_bytes) {
		size_t bytes = act == NODE_DRIP ? 1 : conn->out_bytes - conn->out_at;
		ssize_t sent = send(conn->fd, conn->out + conn->out_at, bytes, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return NODE_OVER;
		if (sent < 0)
			return NODE_BLOCKED;
		conn->out_at += (size_t)sent;
		if (act == NODE_DRIP && conn->out_at < conn->out_bytes) {
			conn->due_ms = now_ms +
				(conn->step->delay_ms > 0 ? conn->step->delay_ms : 1);
			return NODE_TIMER;
		}
		if (conn->out_at == conn->out_bytes &&
		    (act == NODE_ENDLESS_HEADERS || act == NODE_ENDLESS_LINE))
			conn->out_at = strlen("HTTP/1.1 200 Node\r\nX-More: y");
	}
	return finish(conn);
}
