// SPDX-License-Identifier: MPL-2.0
// hex: hexadecimal digits. Pure. Thread: any.
#pragma once

#include "common/base/buf.h"

// The value of a digit of either case, or -1. Unlike strtol it knows no sign, space or locale.
int hex_value(char digit);

// Appends two small digits for each byte. 0, or an error of `buf`, where it sticks.
int hex_add(struct buf *buf, const unsigned char *bytes, size_t len);
