// SPDX-License-Identifier: MPL-2.0
// reap_ask: what the servers of the account say of it before a page goes. Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct finding;
struct http_answer;
struct reap;

// As reap_take_answer.
void reap_take_ask(
	struct reap *reap, const struct http_answer *answer, struct finding *io, int64_t now_us
);
// The others cannot be asked. False: what was said is not enough to go on.
bool reap_go_unasked(struct reap *reap, int64_t now_us);
