// SPDX-License-Identifier: MPL-2.0
// letter_index: which letter of each key is the last one.
//
// Design notes
// - A slot has a hash of key and partition, and the offset. Of a million keys two have the same
// hash
//   once in forty million times; then the earlier letter of the two is not seen before the later
//   one is gone. It is not lost: it stays in the topic.
// - A key has its letters in one partition, which the number of partitions and the key decide.
//   After somebody raised that number it may have some in two: then it counts twice, and each of
//   the two is put back or dropped for itself.
#include "cli/dead/letter_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 1024, FULL_OF_4 = 3 };

struct slot {
	uint64_t hash; // 0: it is free
	int64_t offset;
};

struct letter_index {
	struct slot *slots;
	size_t size; // a power of two
	size_t used;
	int64_t *ends; // by partition
	size_t end_count;
};

struct letter_index *letter_index_new(void) {
	struct letter_index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		return NULL;
	index->slots = calloc(SLOTS_FIRST, sizeof(*index->slots));
	if (index->slots == NULL) {
		free(index);
		return NULL;
	}
	index->size = SLOTS_FIRST;
	return index;
}

void letter_index_free(struct letter_index *index) {
	if (index == NULL)
		return;
	free(index->slots);
	free(index->ends);
	free(index);
}

// The finalizer of SplitMix64, so that neighbouring keys lie apart.
static uint64_t mix(uint64_t hash) {
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	return hash ^ (hash >> 31);
}

static uint64_t hash_of(const unsigned char *key, size_t key_bytes, int32_t partition) {
	uint64_t hash = mix((uint64_t)partition + 1);

	for (size_t i = 0; i < key_bytes; i++)
		hash = mix(hash ^ key[i]) + UINT64_C(0x9e3779b97f4a7c15);
	hash = mix(hash);
	return hash == 0 ? 1 : hash;
}

// The slot of this hash, or the free one that it would have.
static struct slot *find(struct slot *slots, size_t size, uint64_t hash) {
	size_t at = (size_t)hash & (size - 1);

	while (slots[at].hash != 0 && slots[at].hash != hash)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int grow(struct letter_index *index) {
	size_t size = 2 * index->size;
	struct slot *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < index->size; i++)
		if (index->slots[i].hash != 0)
			*find(slots, size, index->slots[i].hash) = index->slots[i];
	free(index->slots);
	index->slots = slots;
	index->size = size;
	return 0;
}

int letter_index_pass(struct letter_index *index, int32_t partition, int64_t offset) {
	size_t count = (size_t)partition + 1;
	int64_t *ends = index->ends;

	if (count > index->end_count) {
		ends = realloc(ends, count * sizeof(*ends));
		if (ends == NULL)
			return -ENOMEM;
		index->ends = ends;
		while (index->end_count < count)
			ends[index->end_count++] = 0;
	}
	if (ends[partition] < offset + 1)
		ends[partition] = offset + 1;
	return 0;
}

int letter_index_note(
	struct letter_index *index,
	const void *key,
	size_t key_bytes,
	int32_t partition,
	int64_t offset
) {
	uint64_t hash = hash_of(key, key_bytes, partition);
	struct slot *slot;
	int err;

	if (partition < 0 || offset < 0 || offset == INT64_MAX)
		return -ERANGE;
	err = letter_index_pass(index, partition, offset);
	if (err == 0 && 4 * (index->used + 1) > FULL_OF_4 * index->size)
		err = grow(index);
	if (err < 0)
		return err;
	slot = find(index->slots, index->size, hash);
	index->used += slot->hash == 0;
	*slot = (struct slot){hash, offset};
	return 0;
}

int64_t letter_index_last(
	const struct letter_index *index, const void *key, size_t key_bytes, int32_t partition
) {
	uint64_t hash = hash_of(key, key_bytes, partition);
	const struct slot *slot = find(index->slots, index->size, hash);

	return slot->hash == 0 ? -1 : slot->offset;
}

int64_t letter_index_end(const struct letter_index *index, int32_t partition) {
	return (size_t)partition < index->end_count ? index->ends[partition] : 0;
}
