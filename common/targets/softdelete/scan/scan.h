// SPDX-License-Identifier: MPL-2.0
// scan: the slots of this target that run on the scan thread; see common/target.h. Thread: scan.
#pragma once

#include "common/target.h"

int softdelete_begin(const void *config, struct handle *handle, struct pass *pass);
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
int softdelete_scan(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
);
void softdelete_end(const void *config, struct pass *pass);
bool softdelete_narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
);
