// SPDX-License-Identifier: MPL-2.0
// replay_progress: how far the workers of a replay are, as the brokers say. Blocks, for a bounded
// time. Thread: main.
#pragma once

#include "common/kafka/topics/replay.h"

#include <stdint.h>

struct kafka_options;
struct log;

struct replay_progress {
	// For each partition: the offset that comes next; -1: nothing of it was done yet. NULL: it
	// is not known. Owner: this.
	int64_t *at;
	// Members of its group; -1: not known.
	int64_t workers;
	// It is not known; "": it is.
	char why[1200];
};

// 0; -ENOMEM. What cannot be known now is no error.
int replay_progress_find(
	struct replay_progress *out,
	const struct replay *replay,
	const char *topic,
	const struct kafka_options *kafka,
	struct log *log
);
void replay_progress_fini(struct replay_progress *progress);

// Of all partitions; -1: not known. Pure.
int64_t replay_progress_done(const struct replay_progress *progress, const struct replay *replay);
// Has nobody committed anything? Pure.
bool replay_progress_is_bare(const struct replay_progress *progress, const struct replay *replay);
