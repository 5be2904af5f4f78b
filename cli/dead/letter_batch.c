// SPDX-License-Identifier: MPL-2.0
// letter_batch: some letters at once.
#include "cli/dead/letter_batch.h"

#include <string.h>

void letter_batch_add(struct letter_batch *batch, struct letter *letter) {
	batch->letters[batch->count++] = *letter;
	if (letter->candidate != NULL)
		batch->bytes += letter->candidate->data_bytes;
	*letter = (struct letter){.partition = 0};
}

bool letter_batch_is_full(const struct letter_batch *batch) {
	return batch->count == LETTER_BATCH_MAX || batch->bytes >= LETTER_BATCH_BYTES_MAX;
}

void letter_batch_clear(struct letter_batch *batch) {
	for (size_t i = 0; i < batch->count; i++)
		letter_fini(&batch->letters[i]);
	batch->count = 0;
	batch->bytes = 0;
}

void letter_batch_remove(struct letter_batch *batch, size_t index) {
	letter_fini(&batch->letters[index]);
	batch->count--;
	memmove(&batch->letters[index],
		&batch->letters[index + 1],
		(batch->count - index) * sizeof(batch->letters[0]));
}
