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
	atomic_int reaches; // as reach_reaches
};

void reach_init(struct reach *reach, struct handle *handle, const char *source);
// Opens the handle. 0, or an error as handle_open with words in pass->facts.error. Thread: scan.
int reach_open(struct reach *reach, struct pass *pass);
// Is it being opened? Thread: any.
bool reach_is_waiting(const struct reach *reach);
// Is the database there, as far as the scan has noticed? 1; 0: the scan waits for it, or could not
// connect; -1: not known yet. Thread: any.
int reach_reaches(const struct reach *reach);
// It was noticed that the database is there, or not. Thread: scan.
void reach_note(struct reach *reach, bool is_there);
