// SPDX-License-Identifier: MPL-2.0
// events: what the library tells of the group and of its connections. Thread: loop.
// Owner: the source.
#pragma once

#include "worker/commits/commits.h"
#include "worker/inquiry/faults.h"
#include "worker/inquiry/trouble.h"
#include "worker/intake/assign.h"
#include "worker/member/member.h"

#include <stdint.h>

struct events { // all outlive it
	struct member *member;
	struct commits *commits;
	struct faults *faults;
	struct trouble *trouble;
	struct assign *assign;
	rd_kafka_queue_t *queue;
};

void events_serve(struct events *events, int64_t now_ms); // all that have come
