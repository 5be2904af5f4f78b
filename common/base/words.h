// SPDX-License-Identifier: MPL-2.0
// words: where the words about what is wrong go. Pure. Thread: the owner's of the text.
#pragma once

#include <stddef.h>

struct words {
	char *text;
	// 0: nobody wants them, and `text` may be NULL.
	size_t bytes;
};

// Writes the words, cut to what there is room for, in place of those before. Returns `err`.
int words_say(const struct words *words, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
