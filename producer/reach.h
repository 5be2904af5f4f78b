// SPDX-License-Identifier: MPL-2.0
// reach: connects to what a pass scans, which may take seconds and hears of no stop.
#pragma once

#include "common/handle.h"
#include "common/target/pass.h"

#include <stdatomic.h>
#include <stdbool.h>

// Owner: the producer.
struct reach {
	struct handle *handle; // of the scan thread; outlives it
	// Where its location was given, for a remedy; NULL: by --database-url.
	const char *source;
	atomic_bool is_waiting;
};

// Opens the handle. 0, or an error as handle_open with words in pass->facts.error. Thread: scan.
int reach_open(struct reach *reach, struct pass *pass);
// Is it being opened? Thread: any.
bool reach_is_waiting(const struct reach *reach);
