// SPDX-License-Identifier: MPL-2.0
// work_engine: a source and a worker, joined: what takes candidates of the fleet and purges them.
// Thread: loop.
#pragma once

#include "cli/topics/retry_topics.h"
#include "cli/topics/scope.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/topics.h"
#include "worker/worker.h"

#include <stdint.h>

struct audit;
struct front;
struct source;
struct work_options;

struct work_names {
	char topic[TOPIC_NAME_BYTES];
	struct retry_topics retries;
	char dead[TOPIC_NAME_BYTES];
	char audit[TOPIC_NAME_BYTES];
	char group[REPLAY_GROUP_BYTES];
};

struct work_engine { // zero it before use
	const struct front *front; // outlives it
	const struct work_options *options; // the same
	struct worker_options worker_options;
	struct work_names names;
	struct scope scope;
	struct replay replay; // that it does; zeroed: none
	int64_t retention_ms; // of the candidates' topic
	struct source *source;
	struct audit *audit; // NULL: none
	struct worker *worker;
};

// Looks whether the database and the topics are there, and belong to each other. 0, or a negative
// errno after the error was told.
int work_engine_look(struct work_engine *engine);
// After the look: joins the group. The engine stays where it is until it is closed. 0, or a
// negative errno after the error was told; close it then, too.
int work_engine_open(struct work_engine *engine);
// Leaves the group, whatever is in work. Blocks, for a bounded time. 0, -ETIMEDOUT, -EBUSY: as
// source_close.
int work_engine_leave(struct work_engine *engine);
// The same, once nothing is in work; frees the worker, and tells what went wrong.
int work_engine_close(struct work_engine *engine);

// A limit of the fleet is shared by the partitions that each worker holds: sets what is ours.
void work_engine_share(struct work_engine *engine);
