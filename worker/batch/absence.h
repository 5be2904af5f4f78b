// SPDX-License-Identifier: MPL-2.0
// absence: the database is away, and the batch threads wait for it. However many of them lose it,
// that is told once, and once when none of them waits for it any more. Thread: any. Owner: the
// pool.
#pragma once

#include "common/base/monitor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handle;
struct log;

struct absence { // see absence_init
	struct monitor monitor; // of what follows
	size_t away; // threads that wait for the database
	bool is_told;
	bool hurry;
	struct log *log;
};

void absence_init(struct absence *absence, struct log *log);
void absence_fini(struct absence *absence);
// From now on nobody waits, or again as at the start.
void absence_hurry(struct absence *absence, bool hurry);
// Does some thread wait for the database?
bool absence_is_on(struct absence *absence);
bool absence_is_hurried(struct absence *absence);
// Waits unless hurried; false: nobody shall wait any more. ctx is the absence.
bool absence_nap(void *ctx, int64_t ms);

// *is_away is the thread's own: whether it waits. Nothing when that is so already; the handle says
// what happened.
void absence_begin(struct absence *absence, bool *is_away, const struct handle *handle);
// away_ms 0: the database did not come back.
void absence_end(struct absence *absence, bool *is_away, int64_t away_ms);
