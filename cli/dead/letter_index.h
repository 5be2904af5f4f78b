// SPDX-License-Identifier: MPL-2.0
// letter_index: which letter of each key is the last one. A key of a partition takes 16 bytes, and
// a million of them 32 MiB, twice that for a moment. Pure. Thread: the owner's.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct letter_index; // opaque

struct letter_index *letter_index_new(void); // NULL: out of memory
void letter_index_free(struct letter_index *index); // NULL is fine

// There is a record of this key, a letter or a tombstone, at this place; of a partition they come
// in the order of their offsets. 0, -ENOMEM; -ERANGE: no offset of Kafka's own.
int letter_index_note(
	struct letter_index *index,
	const void *key,
	size_t key_bytes,
	int32_t partition,
	int64_t offset
);
// The offset of the last record of this key in this partition; -1: there is none.
int64_t letter_index_last(
	const struct letter_index *index, const void *key, size_t key_bytes, int32_t partition
);
// What lies at this offset of a partition, and before, was looked at. 0 or -ENOMEM.
int letter_index_pass(struct letter_index *index, int32_t partition, int64_t offset);
// The offset behind the last one of this partition that was noted or passed; 0: there is none.
int64_t letter_index_end(const struct letter_index *index, int32_t partition);
