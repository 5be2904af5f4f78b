// SPDX-License-Identifier: MPL-2.0
// engine: producer, queue and worker around a fake target, as `run` joins them.
#pragma once

#include "common/queue_memory.h"
#include "producer/producer.h"
#include "support/fake_target.h"
#include "worker/worker.h"

struct node;

struct engine {
	struct fake fake;
	const struct target *target; // fake_target, or of many
	struct worker_options worker_options; // short times; change them before engine_open
	struct producer_options producer_options;
	struct producer_hooks producer_hooks;
	struct queue_memory *queue;
	// The worker takes from it; NULL before engine_open: the queue's own side.
	struct queue_take *take;
	struct worker *worker;
	struct producer *producer;
	struct pass_report report;
	bool pass_ended;
};

void engine_init(struct engine *engine, int64_t count); // settings that tests then change
void engine_open(struct engine *engine);
void engine_close(struct engine *engine);
void engine_start_pass(struct engine *engine);
void engine_step(struct engine *engine);
// The pass ended and nothing is in work.
bool engine_is_done(struct engine *engine);
// To its end, at most a minute.
void engine_run_pass(struct engine *engine);
const struct tally *engine_tally(const struct engine *engine);

// On the heap, with `node_count` nodes that it asks; not yet open.
struct engine *engine_with_nodes(struct node **nodes, size_t node_count, int64_t count);
// No row went without its node's word, none twice; then closes the engine, stops the nodes and
// frees it.
void engine_end(struct engine *engine, struct node **nodes, size_t node_count);
void engine_assert_all_have_a_fate(const struct engine *engine); // exactly one each
