// SPDX-License-Identifier: MPL-2.0
// place: where a scan is, as a page's cursor says it: behind this row, in the order of
// (replaced_at, uid). Pure. Thread: any.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	int64_t replaced_at; // ms, as the column has it
	int64_t uid;
};

// Reads "REPLACED_AT/UID". False: it is none.
bool place_read(const char *text, struct place *out);
void place_write(const struct place *place, char *out, size_t out_bytes); // as place_read
