// SPDX-License-Identifier: MPL-2.0
// batch: works that are checked, removed or deferred together.
#include "worker/batch/batch.h"

#include <stdlib.h>

struct batch *batch_new(enum batch_kind kind, size_t capacity) {
	struct batch *batch = calloc(1, sizeof(*batch) + capacity * sizeof(struct work_pair));

	if (batch != NULL)
		batch->kind = kind;
	return batch;
}
