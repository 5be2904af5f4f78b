// SPDX-License-Identifier: MPL-2.0
// marks: which names were orphans when they were counted.
#include "common/targets/dlrepo/scan/marks.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A million marks are of one name in 33; ten million of one in four, which only costs time.
enum { MARK_BITS = 25, WORD_BITS = 64 };

struct marks {
	atomic_uint_least64_t words[((size_t)1 << MARK_BITS) / WORD_BITS];
};

struct marks *marks_new(void) {
	return calloc(1, sizeof(struct marks));
}

void marks_free(struct marks *marks) {
	free(marks);
}

static uint64_t mix(uint64_t hash, uint64_t word) {
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

// Eight bytes at a time: it is done for every file there is.
static uint64_t add(uint64_t hash, const char *text) {
	size_t left = strlen(text);
	uint64_t word = 0;

	hash = mix(hash, left);
	for (; left >= sizeof(word); left -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, text, left);
	return mix(hash, word);
}

static size_t bit_of(const char *dir, const char *name) {
	return (size_t)(add(add(0, dir), name) & (((uint64_t)1 << MARK_BITS) - 1));
}

void marks_add(struct marks *marks, const char *dir, const char *name) {
	size_t bit = bit_of(dir, name);

	atomic_fetch_or_explicit(
		&marks->words[bit / WORD_BITS],
		(uint64_t)1 << (bit % WORD_BITS),
		memory_order_relaxed
	);
}

bool marks_has(const struct marks *marks, const char *dir, const char *name) {
	size_t bit = bit_of(dir, name);
	uint64_t word = atomic_load_explicit(&marks->words[bit / WORD_BITS], memory_order_relaxed);

	return (word >> (bit % WORD_BITS) & 1) != 0;
}
