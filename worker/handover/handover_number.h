// SPDX-License-Identifier: MPL-2.0
// handover_number: a number in a header, as another program may have written it. Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// `value` need not end with a NUL. 0 when it is no decimal number, or out of 0 to `most`.
int64_t handover_number(const void *value, size_t len, int64_t most);
