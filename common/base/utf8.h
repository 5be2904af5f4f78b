// SPDX-License-Identifier: MPL-2.0
// utf8: one character of a text after the other. Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Reads the character at `text`, of which there are `len` bytes. Returns its length in bytes. 0
// when it is not UTF-8: none, cut short, longer than need be, a surrogate or beyond U+10FFFF; *rune
// stays as it is then.
size_t utf8_read(const char *text, size_t len, uint32_t *rune);
