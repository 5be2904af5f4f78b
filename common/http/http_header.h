// SPDX-License-Identifier: MPL-2.0
// http_header: what the headers of an answer ask of us: Retry-After, Date, and those that the
// service has of its own for a wait.
//
// Pure. What is not understood, negative or over-long is as if it had not been sent; a value that
// is kept is cut. Thread: any.
#pragma once

#include "common/http/http_message.h"

#include <stddef.h>
#include <stdint.h>

// Nobody holds a lane for longer than this, whatever a node says.
#define HTTP_HEADER_HOLD_MAX_MS ((int64_t)24 * 3600 * 1000)

// Zero it before the first line of an answer, but for the names.
struct http_header_hints {
	// Headers that say a wait in seconds, besides Retry-After; ends with NULL; NULL: none.
	const char *const *wait_names;
	// The longest wait that was given as seconds.
	int64_t wait_ms;
	// Retry-After as a date, Unix time; 0: none.
	int64_t retry_at_s;
	int64_t date_s; // Date, Unix time; 0: none
	// As http_request.keep, and what was found.
	const char *const *keep;
	char kept[HTTP_KEPT_MAX][HTTP_KEPT_BYTES];
};

// Takes note of one header line, with or without its line end.
void http_header_read(struct http_header_hints *hints, const char *line, size_t len);

// The longest wait asked for, at most HTTP_HEADER_HOLD_MAX_MS; 0: none. A date counts from the
// answer's own Date, so that a wrong clock does no harm; without one from now_s.
int64_t http_header_hold_ms(const struct http_header_hints *hints, int64_t now_s);

// Unix time of an HTTP-date in any of its three forms; 0: it is none.
int64_t http_header_date_s(const char *text, size_t len);
