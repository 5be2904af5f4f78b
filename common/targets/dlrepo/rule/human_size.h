// SPDX-License-Identifier: MPL-2.0
// human_size: a number of bytes as dlrepo writes it. Pure. Thread: any.
#pragma once

#include <stdint.h>

enum { HUMAN_SIZE_BYTES = 24 };

// "0", "29.0", "1.0K", "123M": steps of 1000 up to T, one decimal below 100.
// Source: human_readable of dlrepo 0.44.
void human_size(int64_t bytes, char out[HUMAN_SIZE_BYTES]);
