// SPDX-License-Identifier: MPL-2.0
// sample: what a series is, and one value of it with its labels.
#include "cli/admin/sample.h"

#include <inttypes.h>

enum { MS = 1000 };

void sample_add_value(struct buf *out, const struct series_sample *sample) {
	int64_t value = sample->value;

	if (sample->series->unit == SERIES_MS)
		buf_fmt(out, "%" PRId64 ".%03" PRId64, value / MS, value % MS);
	else
		buf_fmt(out, "%" PRId64, value);
}
