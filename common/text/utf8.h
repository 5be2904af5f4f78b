// SPDX-License-Identifier: MPL-2.0
// utf8: one character of a text after the other. Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Reads the character at `text`, which ends with a NUL. Returns its length in bytes; 0 when it is
// not UTF-8: cut short, longer than need be, a surrogate or beyond U+10FFFF.
size_t utf8_read(const char *text, uint32_t *rune);
