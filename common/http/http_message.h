// SPDX-License-Identifier: MPL-2.0
// http_message: one HTTP request as a target wants it, and the answer as a target sees it. No I/O.
// Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_HEADERS_MAX = 16,
	HTTP_KEPT_MAX = 8,
	// With the NUL; a longer value is cut.
	HTTP_KEPT_BYTES = 64,
};

struct http_request { // zero it before use
	const char *method; // static text: "DELETE"
	// Absolute; sent exactly as it is. Owner: the request.
	char *url;
	char *headers[HTTP_HEADERS_MAX]; // "Name: value". Owner: the request
	size_t header_count;
	// On the monotonic clock: from then on it is not sent any more; 0: whenever.
	int64_t send_by_ms;
	// How much of the answer's body to keep; 0: none.
	size_t body_max_bytes;
	// Names of the answer's headers to keep, at most HTTP_KEPT_MAX; ends with NULL; static,
	// NULL: none.
	const char *const *keep;
};

// Both return 0, -ENOMEM, -ENOBUFS (too many headers), -EINVAL (a control character inside, a
// header without a colon) and leave the request as it was when they fail. The URL replaces an
// earlier one.
int http_request_url(struct http_request *request, const char *url);
int http_request_header(struct http_request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
// A zeroed one is fine; wipes headers.
void http_request_fini(struct http_request *request);

enum http_failure {
	HTTP_FAILURE_NONE, // there is a status
	// Refused, reset, cut short, no route, name not found, TLS.
	HTTP_FAILURE_CONNECT,
	HTTP_FAILURE_TIMEOUT,
	// Connecting took until send_by_ms: nothing was sent.
	HTTP_FAILURE_STALE,
	// This process, or this machine, has no file left for a connection: nothing was sent.
	HTTP_FAILURE_FILES,
	HTTP_FAILURE_OTHER, // not HTTP, or beyond our bounds
};

struct http_answer {
	enum http_failure failure;
	int status; // 0 when there is none
	// From Retry-After and the like: the longest; 0: none said.
	int64_t hold_ms;
	// The Date header, Unix time; 0: none.
	int64_t date_s;
	int64_t elapsed_ms;
	// At most body_max_bytes; lives until the answer is handled; may be NULL.
	const char *body;
	size_t body_bytes;
	// Values of the headers that the request keeps, in its order: the last of each name, ""
	// when it was not sent. Live as long as the body; NULL: none are kept.
	const char (*kept)[HTTP_KEPT_BYTES];
	// For the log: what went wrong, in our words or libcurl's; never the body.
	char message[128];
};
