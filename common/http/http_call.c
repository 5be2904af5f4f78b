// SPDX-License-Identifier: MPL-2.0
// http_call: one request whose answer is waited for.
#include "common/http/http_call.h"

enum { POLL_MS = 1000 };

struct waiter {
	void (*on_answer)(void *ctx, const struct http_answer *answer);
	void *ctx;
};

static void hand_on(void *ctx, void *tag, const struct http_answer *answer) {
	const struct waiter *waiter = tag;

	(void)ctx;
	waiter->on_answer(waiter->ctx, answer);
}

int http_call(
	struct http *http,
	const struct http_request *request,
	int64_t timeout_ms,
	void (*on_answer)(void *ctx, const struct http_answer *answer),
	void *ctx
) {
	struct waiter waiter = {on_answer, ctx};
	int err = http_start(http, request, timeout_ms, &waiter);

	while (err == 0 && http_inflight(http) > 0) {
		err = http_poll(http, NULL, 0, POLL_MS);
		http_drain(http, hand_on, NULL);
	}
	return err;
}
