// SPDX-License-Identifier: MPL-2.0
// status_text: the numbers of this process as one JSON object. Pure. Thread: any.
#pragma once

#include "cli/admin/health.h"
#include "cli/admin/numbers.h"
#include "common/base/buf.h"

// `numbers` in it has the same names and values as metrics_text, without its prefix; one that has
// labels is a list of objects.
void status_text(
	const struct numbers *numbers,
	const struct numbers_of *of,
	const struct health *live,
	const struct health *ready,
	struct buf *out
);
