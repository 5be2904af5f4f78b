// SPDX-License-Identifier: MPL-2.0
// batcher: collects tasks of one state until a batch is worth its round trip. Thread: loop. Owner:
// the worker.
#pragma once

#include "worker/batch/batch.h"
#include "worker/task/task.h"

struct batcher {
	enum batch_kind kind;
	size_t batch_max; // works in a batch
	// How long a smaller batch waits for more.
	int64_t linger_ms;
	struct task_list list;
	size_t count;
	// When the first of the list came.
	int64_t oldest_ms;
};

void batcher_init(
	struct batcher *batcher, enum batch_kind kind, size_t batch_max, int64_t linger_ms
);
void batcher_add(struct batcher *batcher, struct task *task, int64_t now_ms);
// Is a batch worth sending? idle: a thread has nothing else to do.
bool batcher_is_ready(const struct batcher *batcher, bool idle, int64_t now_ms);
int64_t batcher_due_ms(const struct batcher *batcher); // when the linger ends; INT64_MAX: empty
struct batch *batcher_take(struct batcher *batcher, int64_t now_ms); // NULL: out of memory
// Takes one out, whatever it waits for.
void batcher_remove(struct batcher *batcher, struct task *task);
