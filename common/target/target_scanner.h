// SPDX-License-Identifier: MPL-2.0
// target_scanner: finds what may be purged. Thread: scan; may block on the handle. Every function
// returns 0 or a negative errno as db.h classifies; words in pass->facts.error.
#pragma once

#include "common/handle.h"
#include "common/page.h"
#include "common/target/pass.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Which line of a stage's story is wanted.
struct narration {
	bool ended; // false: the stage begins
	size_t index;
	// May be set to true: the line is a warning.
	bool *is_warning;
};

// Counts, for limit_ms in all; eligible is counted first. What is not counted by then
// is unknown, not an error. optional: all is unknown then.
typedef int target_scanner_estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
);

// Counts the rows of what is scanned that are not eligible, live ones included, for
// limit_ms and up to `enough` of them. Counted, never estimated: -1 when there was no time
// for it. optional: unknown then.
typedef int target_scanner_count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
);

// Fills the page with the next candidates of pass->facts.scan's position. May be called
// again with the same position after an error. Sets end_of_stage when the stage,
// end_of_pass when the pass has no more.
typedef int target_scanner_page(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
);

// Writes the index-th line that the log gets when a stage begins (before its first page),
// or when it ended (pass->wish.removed is up to date). Returns false when there is no such
// line. optional.
typedef bool target_scanner_narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
);

struct target_scanner {
	// A pass may be one of a range of keys.
	bool has_ranges;
	// Pages say where a later pass may go on; else every pass is a whole one.
	bool has_cursors;
	// What is put after a page that settles or ends a stage must not be removed before what was
	// put until then; else that is only the better order, and a pass may go on when the workers
	// do not come to an end.
	bool order_is_needed;
	// The guard is not asked when the pass begins, but behind pages that say has_estimate.
	bool estimates_late;
	// Nothing is written in the directory that candidates come from, and each host has one of
	// its own.
	bool only_reads;
	// Names what candidates come from, so that no worker looks for them in another one.
	// may_name: what has no name yet gets one, for good. -ENOENT: it has none; after each error
	// its words are in `out`, or else in handle_error. optional.
	// What it names, "database", is `named`, for messages.
	const char *named;
	int (*identify
	)(const void *config, struct handle *handle, bool may_name, char *out, size_t out_bytes);
	// What the scan passes over for now, as words with commas; when one is gone from the
	// list, rows wait that a cursor has passed. -EMSGSIZE: too many. optional.
	int (*held)(const void *config, struct handle *handle, char *out, size_t out_bytes);
	// Looks up what the pass needs and proves that everything it will do is allowed, before
	// anything is touched.
	int (*begin)(const void *config, struct handle *handle, struct pass *pass);
	target_scanner_estimate *estimate;
	target_scanner_count_staying *count_staying;
	target_scanner_page *page;
	void (*end)(const void *config, struct pass *pass); // frees pass->facts.scan; NULL is fine
	target_scanner_narrate *narrate;
};
