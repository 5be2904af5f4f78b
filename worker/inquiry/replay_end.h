// SPDX-License-Identifier: MPL-2.0
// replay_end: have the workers of a replay, all together, done all of it?
//
// Whoever is through with its own partitions stays until then: those of one that was killed fall to
// the others. Thread: loop. Owner: the source.
#pragma once

#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

struct replay_end; // opaque

// 0, -ENOMEM, -EAGAIN (no thread).
int replay_end_new(struct replay_end **out, struct member *member);
void replay_end_free(struct replay_end *end); // NULL is fine
void replay_end_serve(struct replay_end *end, int64_t now_ms);
// The group has committed the end of every partition.
bool replay_end_is_reached(const struct replay_end *end);
// The log of one of our partitions has ended before the replay does for so long that it will not go
// on: it was told.
bool replay_end_is_out_of_reach(const struct replay_end *end);
