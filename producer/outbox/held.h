// SPDX-License-Identifier: MPL-2.0
// held: what a scan passes over for now, noted in the cursor before the cursor passes it.
// Thread: scan.
#pragma once

#include "common/target/pass.h"
#include "producer/outbox/cursor.h"

#include <stdbool.h>

struct handle;
struct log;
struct target_scanner;

struct held { // all outlive it
	const struct target_scanner *scanner;
	const void *config;
	struct log *log;
};

// Each asks the target, and may block on the handle. 0; what held_is_passing is true of; or what
// target_scanner.held says, with words in `error` (PASS_ERROR_BYTES).

// Writes what is held now to `out` (CURSOR_HELD_BYTES), "" when the target cannot say. What the
// cursor has stays when it is too much, which is told.
int held_look(
	const struct held *held,
	struct handle *handle,
	const struct cursor *cursor,
	char *out,
	char *error
);
// Notes what is held now: for a part of the pass only is passed over as well.
int held_note(const struct held *held, struct handle *handle, struct cursor *cursor, char *error);
// The same when a page has passed over some: what cannot be seen, or is over by now, is noted as
// CURSOR_HELD_UNKNOWN. Nothing passes by itself then.
int held_note_passed_over(
	const struct held *held, struct handle *handle, struct cursor *cursor, char *error
);

// The database cannot say it right now.
bool held_is_passing(int err);
