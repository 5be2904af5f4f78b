// SPDX-License-Identifier: MPL-2.0
// estimate: counts what is due, before anything is touched. Thread: scan.
#pragma once

#include "common/target/target_scanner.h"

// As target_scanner.estimate and .count_staying.
int softdelete_estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
);
int softdelete_count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
);
