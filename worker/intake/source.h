// SPDX-License-Identifier: MPL-2.0
// source: the take side of the queue that Kafka carries: a member of a consumer group.
//
// Each assigned partition has its own queue and its own claim; one whose window is full is not
// polled. Offsets are committed when they are done: up to the first one in work, once a second, and
// at once when nothing is in work. What comes back undone goes on to a retry topic or to the dead
// letters. Thread: loop. Owner: the command.
#pragma once

#include "common/queue.h"
#include "worker/member/member.h"
#include "worker/member/source_setup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source; // opaque
struct source_view;

// Joins the group. 0; -EINVAL with words in `error`; -ENOMEM; -EMFILE; -EAGAIN.
int source_open(
	struct source **out, const struct source_setup *setup, char *error, size_t error_bytes
);
// The end of this one is for good: source_close gives back the partitions at once though it has an
// instance_id. Else the group keeps them for whoever comes next under that name, until the session
// ends.
void source_leave_for_good(struct source *source);
// Ends what is handed over, commits, leaves the group, within timeout_ms; nothing is with the
// engine any more. Returns 0, -ETIMEDOUT (the group was not left) or -EBUSY (it was, but the
// library does not end). When it is not 0 threads still use what only the end of the process frees.
// NULL is fine.
int source_close(struct source *source, int64_t timeout_ms);

struct queue_take *source_take_side(struct source *source);

// Rebalances, hand-overs, commits. Call it before each step of the engine. Returns true when leases
// or our share changed: the engine must sweep.
bool source_serve(struct source *source, int64_t now_ms);
// Polls readable when source_serve has something to do.
int source_fd(const struct source *source);
int64_t source_wait_ms(const struct source *source, int64_t now_ms); // until it has, at the latest

enum source_state source_state(const struct source *source);
const char *source_error(const struct source *source); // why, when it does not run
const struct source_counts *source_counts(const struct source *source);
// What part of the work is ours: partitions of the candidates that we hold, of all. 0 of 0: not
// known yet.
void source_share(const struct source *source, int32_t *held, int32_t *total);
// While it rests no record holds up the others, however long it is in work: the operator wants it
// so.
void source_rest(struct source *source, bool rests);
// Records in our retry partitions that are not due yet; -1: we hold no partitions.
int64_t source_waiting(const struct source *source);
// Records that the brokers did not take when they were to be handed over, for want of a right or a
// topic, and that are not there yet.
int64_t source_parked(const struct source *source);
// Nothing is left in any of our partitions, retries included: each was seen at its end. With
// until_drained it also takes that all topics can be seen, and that the members of the group hold
// every partition of them.
bool source_is_drained(const struct source *source);
// Somebody has to mend something, which the log tells: a partition stands still because a hand-over
// was refused, or for 15 seconds now a topic cannot be read or written, or the group refuses us.
bool source_is_stuck(const struct source *source);
// All of its numbers at once. It asks nobody.
void source_look(const struct source *source, struct source_view *out);
