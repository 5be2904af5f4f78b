// SPDX-License-Identifier: MPL-2.0
// batches: what is checked, removed and deferred together: a batcher for each, and the threads.
// Thread: loop. Owner: the worker.
#pragma once

#include "worker/batch/batch_pool.h"
#include "worker/batch/batcher.h"
#include "worker/task/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batches { // see batches_init
	struct batcher check;
	struct batcher remove;
	struct batcher defer;
	struct batch_pool *pool; // Owner: the worker
};

void batches_init(struct batches *batches, size_t batch_max, int64_t linger_ms);
// Hands out those that are worth it; while it is quiet nothing is checked.
void batches_submit(struct batches *batches, bool is_quiet, int64_t now_ms);
// When a batch is worth it though it is small; INT64_MAX: no timer is needed.
int64_t batches_wake_ms(const struct batches *batches, bool is_quiet);
