// SPDX-License-Identifier: MPL-2.0
// moment: a point in time as an operator writes it. Pure. Thread: any.
#pragma once

#include <stdint.h>

#define MOMENT_FORMS                                                                               \
	"a time such as 2026-01-31T12:00:00Z, 2026-01-31T12:00:00+01:00, 2026-01-31, now or '2h "  \
	"ago'"

// Reads a time of RFC 3339 (seconds and their fraction may be left out; a date alone is its
// beginning in UTC), "now", or a time before now: "90s ago", "2h", "7d ago". now_ms and *out: Unix
// time in ms. 0; -EINVAL: it is none; -ERANGE: before 1970.
int moment_parse(const char *text, int64_t now_ms, int64_t *out);

enum { MOMENT_BYTES = sizeof("2026-01-31T12:00:00.000Z") };
// RFC 3339 in UTC, with milliseconds where there are any.
void moment_format(int64_t ms, char out[MOMENT_BYTES]);
