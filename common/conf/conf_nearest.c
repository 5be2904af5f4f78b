// SPDX-License-Identifier: MPL-2.0
// conf_nearest: the name that was meant, by edit distance.
#include "common/conf/conf_nearest.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_BYTES_MAX = 64 };

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

// Damerau-Levenshtein: insertions, deletions, replacements and swaps of neighbours that turn a into
// b.
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len) {
	size_t rows[3][WORD_BYTES_MAX + 1];
	size_t *before = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	memset(before, 0, sizeof(rows[0]));
	for (size_t i = 1; i <= a_len; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same = a[i - 1] == b[j - 1];

			row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

const char *conf_nearest(const char *word, const char *const *names) {
	size_t len = strlen(word);
	size_t limit = len / 3 > 2 ? len / 3 : 2;
	const char *nearest = NULL;

	if (len > WORD_BYTES_MAX)
		return NULL;
	for (; *names != NULL; names++) {
		size_t name_len = strlen(*names);
		size_t far;

		if (name_len > WORD_BYTES_MAX)
			continue;
		far = distance(word, len, *names, name_len);
		// A name that shares nothing with the word is no guess, however short both are.
		if (far > limit || far >= (len > name_len ? len : name_len))
			continue;
		nearest = *names;
		limit = far - (far > 0);
		if (far == 0)
			break;
	}
	return nearest;
}
