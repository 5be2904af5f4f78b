// SPDX-License-Identifier: MPL-2.0
// batch_run: what a thread does with one batch: the target's call, again in halves where it does
// not work, on a new connection where it was lost. Thread: batch.
#pragma once

#include "common/handle.h"
#include "worker/batch/absence.h"
#include "worker/batch/batch.h"

#include <stdbool.h>
#include <stdint.h>

struct target;

struct batch_runner { // all outlive it
	const struct target *target;
	const void *config;
	struct absence *absence;
	// How long a lost connection is waited for.
	int64_t reconnect_ms;
	struct handle *handle;

	enum batch_kind kind; // of the batch in work
	bool is_away; // it waits for the database
	// After the next batch of which nothing came.
	int64_t rest_ms;
};

// Sets batch->error and the results.
void batch_run(struct batch_runner *runner, struct batch *batch);
