// SPDX-License-Identifier: MPL-2.0
// http: many HTTP requests at once on one thread. With http_transfer the only file that knows
// libcurl.
//
// Keep-alive connections, HTTP/1.1, no redirects, http and https only, TLS verified, bounded
// answers. A transfer is handed to libcurl only when it may start at once (the lanes see to that),
// because libcurl's time-outs run while a transfer waits. On a kept-alive connection that turns out
// dead libcurl sends a request again by itself, so only requests that may run twice belong here.
// The program ignores SIGPIPE. Thread: loop.
#pragma once

#include "common/http/http_message.h"

#include <poll.h>
#include <stdbool.h>

struct http; // opaque

struct http_options {
	size_t inflight_max; // transfers at once in all
	// Kept ones included; 0: no limit of this process.
	size_t connections_max;
	int64_t request_timeout_ms; // whole request
	int64_t connect_timeout_ms;
	const char *ca_file; // NULL: the system's
	// NULL: none (also none from the environment).
	const char *proxy;
	const char *user_agent;
	// An answer's body longer than this, and than what its request wants to keep, ends the
	// connection; the answer is judged by its status.
	size_t body_drop_bytes;
	// Of answers: see http_header.h. Must outlive the handle.
	const char *const *wait_headers;
};

// Returns 0, -ENOMEM, -EINVAL (ca_file unreadable or without a certificate, or this libcurl lacks
// something we rely on).
int http_open(struct http **out, const struct http_options *options);
// Aborts what is in flight; NULL is fine.
void http_close(struct http *http);

// Whatever is not sent yet comes too late, as by its send_by_ms.
void http_expire_unsent(struct http *http);

// Starts `request`, which is copied. `timeout_ms` 0: the default one. `tag` comes back with the
// answer. Path and query are sent as they are, but for escapes of the path, which libcurl 8.20 and
// later write in upper case: what is signed has them so. Returns 0, -ENOMEM, -EINVAL (a URL that
// libcurl refuses, that is neither http nor https, or that holds a user name), -ENOBUFS
// (inflight_max reached).
int http_start(
	struct http *http, const struct http_request *request, int64_t timeout_ms, void *tag
);
size_t http_inflight(const struct http *http);

// Calls on_answer for each finished transfer, never from inside http_start. The answer lives during
// the call; the callback may start new transfers.
void http_drain(
	struct http *http,
	void (*on_answer)(void *ctx, void *tag, const struct http_answer *answer),
	void *ctx
);

// Waits until a transfer moves, one of `fds` is ready (revents are filled), http_wake or
// `timeout_ms`. Returns 0, -ENOMEM, -EIO.
int http_poll(struct http *http, struct pollfd *fds, size_t count, int64_t timeout_ms);
void http_wake(struct http *http); // Thread: any
