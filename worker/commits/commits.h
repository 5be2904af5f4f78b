// SPDX-License-Identifier: MPL-2.0
// commits: sends what has to be committed, and hears what became of it. Thread: loop.
// Owner: the source.
#pragma once

#include "worker/commits/offsets.h"
#include "worker/commits/proof.h"
#include "worker/commits/recall.h"
#include "worker/inquiry/faults.h"
#include "worker/inquiry/trouble.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

// Zeroed but for the first six, which outlive it.
struct commits {
	struct member *member;
	struct offsets *offsets;
	struct recall *recall;
	struct faults *faults;
	struct trouble *trouble;
	rd_kafka_queue_t *events; // where the answers come
	// When the last one was sent, or was to be.
	int64_t sent_ms;
	// It was refused, or what it was to begin could not be: the next one waits for its time.
	bool has_failed;
	// The last error that was told; NO_ERROR: none since one succeeded.
	rd_kafka_resp_err_t told;
	int64_t told_ms;
	// When the last question was asked whose answer came late.
	int64_t late_asked_ms;
};

// Begins the next commit, if there is something to commit and none is out.
void commits_send(struct commits *commits, int64_t now_ms);
// When the next one may be sent.
int64_t commits_due_ms(const struct commits *commits);
// The answer to a commit.
void commits_take_event(struct commits *commits, rd_kafka_event_t *event);
// Has the group said what it has?
void commits_serve(struct commits *commits, int64_t now_ms);
// Is all committed, and is it known that it went into the logs that it is about, as far as brokers
// can be asked?
bool commits_are_clear(const struct commits *commits);
