// SPDX-License-Identifier: MPL-2.0
// reap_take: what an answer means for a container, and for the one who asked. Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct finding;
struct http_answer;
struct reap;

// As target_calls.take: on GO the request is done. now_us: the wall clock.
void reap_take_answer(
	struct reap *reap,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io,
	int64_t now_us
);
// As target_calls.unsent.
bool reap_take_unsent(struct reap *reap, int64_t id, int64_t now_us);
