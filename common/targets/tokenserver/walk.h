// SPDX-License-Identifier: MPL-2.0
// walk: the way of one pass through the backlog, page by page, never by OFFSET.
//
// Normally in the order of the index (service, replaced_at, uid); in the order of uid when the pass
// is restricted to fewer uids than the backlog has rows. Thread: scan. Owner: the pass.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct estimate;
struct walk; // opaque

struct walk_plan {
	int64_t service;
	const char *backlog_index; // quoted; copied
	int64_t cutoff; // ms
	bool has_range_start, has_range_end;
	int64_t range_start, range_end; // both exclusive
	// Goes on behind this row; only for a walk without a range.
	bool has_after;
	int64_t after_replaced_at, after_uid;
};

// Decides how to walk; each query is bounded by limit_ms. 0 or an error as common/db/db.h.
int walk_new(struct walk **out, struct db *db, const struct walk_plan *plan, int64_t limit_ms);
void walk_free(struct walk *walk); // NULL is fine
bool walk_is_by_uid(const struct walk *walk);

// The uids of the next rows, at most `max`, in ascending order of the walk. *end: nothing comes
// behind them. The walk stays where it is until walk_advance, so that a page can be read again.
int walk_page(
	struct walk *walk, struct db *db, size_t max, int64_t *uids, size_t *count, bool *end
);
// Where it is; false: before the first row.
bool walk_position(const struct walk *walk, int64_t *replaced_at, int64_t *uid);
void walk_advance(struct walk *walk);

// Counts as target_scanner.estimate wants it; with_nodeless: also what counts towards no limit.
int walk_estimate(
	const struct walk *walk,
	struct db *db,
	int64_t limit_ms,
	bool with_nodeless,
	struct estimate *out
);
// Counts as target.count_staying wants it.
int walk_count_staying(
	const struct walk *walk, struct db *db, int64_t limit_ms, int64_t enough, int64_t *out
);
