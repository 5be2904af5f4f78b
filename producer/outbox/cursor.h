// SPDX-License-Identifier: MPL-2.0
// cursor: how far the scans of a target have come, as the state topic keeps it, and what the next
// pass is to do. Pure.
// Thread: any.
#pragma once

#include "common/pack/pack.h"
#include "common/page.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CURSOR_KEY "cursor/0"
// Nothing is ever held by this name, so it counts as released at the next pass.
#define CURSOR_HELD_UNKNOWN "?"
enum { CURSOR_HELD_BYTES = 4096 };

struct cursor { // zeroed: nothing was ever scanned
	// Where the next incremental pass goes on; "": from the beginning.
	char at[PAGE_CURSOR_BYTES];
	// How far the full pass under way has come.
	char full_at[PAGE_CURSOR_BYTES];
	bool full_running;
	// Of the last one, wall clock; 0: never.
	int64_t full_began_ms;
	// What the last pass had to leave out at any time, see target_scanner.held; with
	// CURSOR_HELD_UNKNOWN when it was not known which.
	char held[CURSOR_HELD_BYTES];
};

enum cursor_pass { CURSOR_INCREMENTAL, CURSOR_FULL, CURSOR_FULL_GOES_ON };
enum cursor_reason {
	CURSOR_REGULAR,
	CURSOR_FIRST, // no cursor yet
	CURSOR_ASKED,
	// The interval of full passes is over.
	CURSOR_DUE,
	// Something that was held is not any more.
	CURSOR_RELEASED,
	// A full pass did not reach its end.
	CURSOR_UNFINISHED,
};

struct cursor_moment {
	int64_t now_ms; // wall clock
	int64_t full_interval_ms;
	bool full_asked; // begin anew, whatever is under way
	const char *held;
};

enum cursor_pass cursor_decide(
	const struct cursor *cursor, const struct cursor_moment *moment, enum cursor_reason *why
);
const char *cursor_reason_name(enum cursor_reason reason);

// Takes note that a pass begins, has come as far as `at`, has reached its end there. A full pass
// that ends moves the incremental cursor too.
void cursor_begin(struct cursor *cursor, enum cursor_pass pass, const struct cursor_moment *moment);
// Takes note that this is held now too. 0 or -EMSGSIZE: there is no room for all of it.
int cursor_hold(struct cursor *cursor, const char *held);
void cursor_move(struct cursor *cursor, enum cursor_pass pass, const char *at);
void cursor_end(struct cursor *cursor, enum cursor_pass pass, const char *at);
bool cursor_is_same(const struct cursor *one, const struct cursor *other);
// Where a pass goes on; NULL: from the beginning.
const char *cursor_resume(const struct cursor *cursor, enum cursor_pass pass);

// 0 or an error as pack_data.
int cursor_pack(
	const struct cursor *cursor, struct pack *pack, const unsigned char **data, size_t *len
);
int cursor_unpack(struct cursor *out, const void *bytes, size_t len); // 0, -EBADMSG, -ENOMEM
