// SPDX-License-Identifier: MPL-2.0
// number: decimal whole numbers. Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Reads `len` bytes, which need not end with a NUL: digits and nothing else. When `least` is
// negative, a sign may stand before them. 0; -EINVAL: no such number; -ERANGE: out of `least` to
// `most`. After an error *out stays as it is. Unlike strtol it knows no blanks and no locale.
int number_parse(const char *text, size_t len, int64_t least, int64_t most, int64_t *out);
