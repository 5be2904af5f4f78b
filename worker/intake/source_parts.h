// SPDX-License-Identifier: MPL-2.0
// source_parts: what a source is made of, and how the parts begin, learn of each other, and end.
// For source.c; others use source.h. Thread: loop.
#pragma once

#include "common/kafka/kafka.h"
#include "common/queue.h"
#include "worker/commits/commits.h"
#include "worker/commits/proof.h"
#include "worker/commits/recall.h"
#include "worker/handover/departures.h"
#include "worker/handover/due.h"
#include "worker/handover/handover.h"
#include "worker/handover/loans.h"
#include "worker/inquiry/age.h"
#include "worker/inquiry/faults.h"
#include "worker/inquiry/gap_watch.h"
#include "worker/inquiry/owner.h"
#include "worker/inquiry/replay_end.h"
#include "worker/inquiry/source_count.h"
#include "worker/inquiry/trouble.h"
#include "worker/intake/assign.h"
#include "worker/intake/events.h"
#include "worker/intake/leave.h"
#include "worker/intake/lend.h"
#include "worker/intake/peers.h"
#include "worker/intake/take.h"
#include "worker/member/member.h"

#include <stddef.h>
#include <stdint.h>

struct source {
	struct queue_take side; // first
	struct source_setup setup;
	struct kafka_opaque opaque;
	rd_kafka_queue_t *events_queue;
	struct member member;
	// worker/inquiry
	struct source_count *count;
	struct faults faults;
	struct trouble trouble;
	struct owner *owner; // NULL: nobody asks
	struct age age;
	struct gap_watch *gaps;
	struct replay_end *replay_end; // NULL: this is no replay
	// worker/commits
	struct offsets offsets;
	struct recall *recall;
	struct proof *proof;
	struct commits commits;
	// worker/handover
	struct handover *handover;
	struct loans loans;
	struct due due;
	struct departures departures;
	// worker/intake
	struct lend lend;
	struct take take;
	struct assign assign;
	struct events events;
	struct peers *peers;
	struct leave leave;
	int64_t watched_ms; // when hold-ups were last looked at
};

// Those that open nothing. `setup` is set; the rest is zero.
void source_parts_init(struct source *source);
// After source_parts_init: those that open something, then joins the group. 0; -EINVAL with words
// in `error`; -ENOMEM; -EMFILE; -EAGAIN. Close them then, too.
int source_parts_open(struct source *source, char *error, size_t error_bytes);
// Nobody is in the group any more. 0, or -EBUSY: a library does not end, and its threads still use
// the parts. Blocks up to 5 s for each of the two handles.
int source_parts_close(struct source *source, int destroy_flags);
