// SPDX-License-Identifier: MPL-2.0
// story: what the log tells about a stage. Thread: scan.
#pragma once

#include "common/target/target_scanner.h"

// As target_scanner.narrate.
bool softdelete_narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
);
