// SPDX-License-Identifier: MPL-2.0
// words: where the words about what is wrong go.
#include "common/base/words.h"

#include <stdarg.h>
#include <stdio.h>

int words_say(const struct words *words, int err, const char *format, ...) {
	va_list args;

	va_start(args, format);
	vsnprintf(words->text, words->bytes, format, args);
	va_end(args);
	return err;
}
