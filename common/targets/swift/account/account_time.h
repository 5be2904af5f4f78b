// SPDX-License-Identifier: MPL-2.0
// account_time: points in time as Swift writes them: seconds with five decimals, and behind a "_"
// an offset. Pure. Thread: any.
//
// Source: swift/common/utils/timestamp.py of Swift 2.38.3.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ACCOUNT_TIME_ISO_BYTES = 32 };

// Microseconds since 1970 of the part before the offset. 0 or -EINVAL.
int account_time_read(const char *text, int64_t *out_us);
// "2026-11-22T06:24:37.346320", in UTC.
void account_time_iso(int64_t time_us, char out[ACCOUNT_TIME_ISO_BYTES]);
