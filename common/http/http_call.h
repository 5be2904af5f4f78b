// SPDX-License-Identifier: MPL-2.0
// http_call: one request whose answer is waited for. Thread: the handle's owner's; blocks.
#pragma once

#include "common/http/http.h"

#include <stdint.h>

// The handle has nothing else on its way. Calls on_answer once, for as long as which the answer
// lives. timeout_ms 0: the handle's. 0, or an error of http_start or http_poll; then on_answer was
// not called and nothing is on its way any more, but after an error of http_poll, after which the
// handle is to be closed.
int http_call(
	struct http *http,
	const struct http_request *request,
	int64_t timeout_ms,
	void (*on_answer)(void *ctx, const struct http_answer *answer),
	void *ctx
);
