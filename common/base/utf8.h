// SPDX-License-Identifier: MPL-2.0
// utf8: one character of a text after the other. Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The long way of utf8_read, for all that is not ASCII.
size_t utf8_read_long(const char *text, size_t len, uint32_t *rune);

// Reads the character at `text`, of which there are `len` bytes. Returns its length in bytes. 0
// when it is not UTF-8: none, cut short, longer than need be, a surrogate or beyond U+10FFFF; *rune
// stays as it is then.
static inline size_t utf8_read(const char *text, size_t len, uint32_t *rune) {
	if (len == 0 || (unsigned char)text[0] >= 0x80)
		return utf8_read_long(text, len, rune);
	*rune = (unsigned char)text[0];
	return 1;
}
