// SPDX-License-Identifier: MPL-2.0
// hex: hexadecimal digits. Pure. Thread: any.
#pragma once

// The value of a digit of either case, or -1. Unlike strtol it knows no sign, space or locale.
int hex_value(char digit);
