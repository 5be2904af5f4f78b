// SPDX-License-Identifier: MPL-2.0
// witness: the take side of the queue in memory, which lends its candidates and remembers the last
// fate. Thread: loop.
#pragma once

#include "common/candidate.h"
#include "common/queue.h"
#include "common/target/finding.h"
#include "common/verdict.h"

#include <stddef.h>

struct engine;

struct witness {
	struct queue_take side; // first
	struct queue_take *memory;
	// Of all candidates; the test may change it.
	struct lease lease;
	// The last one; its message is below.
	struct fate fate;
	char message[FINDING_WORDS_BYTES];
	size_t finished;
	// Of these: failed, and nobody said why.
	size_t wordless;
};

void witness_watch(struct witness *witness, struct engine *engine); // before engine_open
