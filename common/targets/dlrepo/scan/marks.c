// SPDX-License-Identifier: MPL-2.0
// marks: which names were orphans when they were counted.
#include "common/targets/dlrepo/scan/marks.h"

#include "common/targets/dlrepo/rule/path_hash.h"

#include <stdint.h>
#include <stdlib.h>

// A million marks are of one name in 33; ten million of one in four, which only costs time.
enum { MARK_BITS = 25, WORD_BITS = 64 };

struct marks {
	uint64_t words[((size_t)1 << MARK_BITS) / WORD_BITS];
};

struct marks *marks_new(void) {
	return calloc(1, sizeof(struct marks));
}

void marks_free(struct marks *marks) {
	free(marks);
}

static size_t bit_of(const char *dir, const char *name) {
	uint64_t hash = path_hash(dir, name);

	hash ^= hash >> 32;
	return (size_t)(hash & (((uint64_t)1 << MARK_BITS) - 1));
}

void marks_add(struct marks *marks, const char *dir, const char *name) {
	size_t bit = bit_of(dir, name);

	marks->words[bit / WORD_BITS] |= (uint64_t)1 << (bit % WORD_BITS);
}

bool marks_has(const struct marks *marks, const char *dir, const char *name) {
	size_t bit = bit_of(dir, name);

	return (marks->words[bit / WORD_BITS] >> (bit % WORD_BITS) & 1) != 0;
}
