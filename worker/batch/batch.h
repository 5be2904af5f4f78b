// SPDX-License-Identifier: MPL-2.0
// batch: works that are checked, removed or deferred together.
//
// Thread: loop, but a batch thread while the pool has it. Owner: who has it, handed over whole.
#pragma once

#include "common/target/target.h"
#include "common/target/work.h"

#include <stddef.h>

enum batch_kind { BATCH_CHECK, BATCH_REMOVE, BATCH_DEFER };

struct batch {
	enum batch_kind kind;
	// 0, or why the whole batch could not be done; the results say what became of each.
	int error;
	char message[512]; // words for `error`
	struct batch *next;
	size_t count;
	// Of the tasks, lent with the batch.
	struct work_pair pairs[];
};

struct batch *batch_new(enum batch_kind kind, size_t capacity); // NULL: out of memory; free(3) it
