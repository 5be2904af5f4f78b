// SPDX-License-Identifier: MPL-2.0
// scan: the slots of this target that run on the scan thread. See common/target.h. Thread: scan.
#pragma once

#include "common/target.h"

int scan_begin(const void *config, struct handle *handle, struct pass *pass);
bool scan_narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
);
int scan_estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
);
int scan_count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
);
int scan_page(const void *config, struct handle *handle, struct pass *pass, struct page *page);
int scan_identify(const void *config, struct handle *handle, char *out, size_t out_bytes);
int scan_held(const void *config, struct handle *handle, char *out, size_t out_bytes);
void scan_end(const void *config, struct pass *pass);
