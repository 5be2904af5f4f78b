// SPDX-License-Identifier: MPL-2.0
// leave: the last commits, and the way out of the group. Blocks. Thread: loop. Owner: the source.
#pragma once

#include "worker/commits/commits.h"
#include "worker/inquiry/faults.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

struct leave { // all outlive it
	struct member *member;
	struct commits *commits;
	struct faults *faults;
	bool is_for_good;
	// The source goes on while it waits.
	bool (*serve)(void *ctx, int64_t now_ms);
	int64_t (*wait_ms)(const void *ctx, int64_t now_ms); // until it has something to do
	void *ctx;
};

// Commits what is done and leaves the group. False: not in time.
bool leave_group(struct leave *leave, int64_t until_ms, int *destroy_flags);
