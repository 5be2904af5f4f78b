// SPDX-License-Identifier: MPL-2.0
// take: reads the partitions' queues, as far as their windows go. Thread: loop. Owner: the source.
#pragma once

#include "common/candidate.h"
#include "worker/commits/offsets.h"
#include "worker/handover/due.h"
#include "worker/inquiry/faults.h"
#include "worker/inquiry/owner.h"
#include "worker/intake/lend.h"
#include "worker/member/member.h"

#include <stddef.h>

struct take { // all outlive it
	struct member *member;
	struct offsets *offsets;
	struct faults *faults;
	struct owner *owner;
	struct due *due;
	struct lend *lend;
};

// Up to `max` candidates into `out`; returns how many.
size_t take_some(struct take *take, struct candidate **out, size_t max);
