// SPDX-License-Identifier: MPL-2.0
// letter_batch: some letters at once, for one look at the database or one transaction. Pure.
// Thread: the owner's.
#pragma once

#include "cli/dead/letter.h"

#include <stdbool.h>
#include <stddef.h>

enum { LETTER_BATCH_MAX = 500, LETTER_BATCH_BYTES_MAX = 1 << 20 };

struct letter_batch { // zeroed: empty
	struct letter letters[LETTER_BATCH_MAX];
	size_t count;
	size_t bytes; // of their records
};

// Takes over what is in `letter`. The batch must not be full.
void letter_batch_add(struct letter_batch *batch, struct letter *letter);
bool letter_batch_is_full(const struct letter_batch *batch);
void letter_batch_clear(struct letter_batch *batch);
// Takes out the index-th; the order of the others stays.
void letter_batch_remove(struct letter_batch *batch, size_t index);
