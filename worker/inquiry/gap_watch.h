// SPDX-License-Identifier: MPL-2.0
// gap_watch: records that were deleted before they could be taken. Thread: loop. Owner: the source.
#pragma once

#include "worker/inquiry/age.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

struct gap_watch; // opaque

// Both must outlive it, and the member's consumer. 0, -ENOMEM, -EAGAIN.
int gap_watch_new(struct gap_watch **out, struct member *member, const struct age *age);
// Waits for the question that is out, at most three seconds; NULL is fine.
void gap_watch_free(struct gap_watch *gap);
void gap_watch_serve(struct gap_watch *gap, int64_t now_ms); // asks, counts and tells
// May records have been deleted that are not counted yet?
bool gap_watch_is_open(const struct member *member);
