// SPDX-License-Identifier: MPL-2.0
// sample: what a series is, and one value of it with its labels. Pure. Thread: any.
#pragma once

#include "cli/admin/numbers.h"
#include "common/base/buf.h"

#include <stddef.h>
#include <stdint.h>

#define SERIES_PREFIX "purgefleet_"

enum series_type { SERIES_GAUGE, SERIES_COUNTER };
enum series_unit { SERIES_PLAIN, SERIES_MS }; // of the value; shown in seconds

enum { SERIES_LABELS_MAX = 4 };

struct series_label {
	const char *name;
	const char *value; // any text
};

struct series;

struct series_sample {
	const struct series *series;
	struct series_label labels[SERIES_LABELS_MAX];
	size_t label_count;
	int64_t value; // known
};

struct series_sink {
	const struct numbers *numbers;
	const struct numbers_of *of;
	void (*put)(void *ctx, const struct series_sample *sample);
	void *ctx;
};

struct series {
	// Behind SERIES_PREFIX. "_total" ends that of a counter, "_seconds" that of a time.
	const char *name;
	enum series_type type;
	enum series_unit unit;
	// Besides `target`, which all have; as in the documentation, NULL: none.
	const char *labels;
	// A sentence without its stop.
	const char *help;
	// Of enum numbers_part; 0: of every process.
	unsigned part;
	// Of its one value in struct numbers, or what puts its samples.
	size_t offset;
	void (*each)(const struct series *series, const struct series_sink *sink);
};

// The value as text, times in seconds.
void sample_add_value(struct buf *out, const struct series_sample *sample);
