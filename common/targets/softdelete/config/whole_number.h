// SPDX-License-Identifier: MPL-2.0
// whole_number: whole numbers as people write them. Pure. Thread: any.
#pragma once

#include <stdint.h>

// Blanks around, a sign, digits. One that does not fit becomes the greatest or least. 0 or -EINVAL.
int whole_number_read(const char *text, int64_t *out);
