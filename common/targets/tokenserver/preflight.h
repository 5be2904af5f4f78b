// SPDX-License-Identifier: MPL-2.0
// preflight: proves, before anything is touched, that the database is one that can be purged:
// tables, indexes, privileges, clock. Thread: scan.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;

enum { PREFLIGHT_CLOCK_MS = 60 * 1000, PREFLIGHT_NAME_BYTES = 200 };

struct preflight_wish {
	bool will_remove; // rows will be deleted
	// The counters of nodes will be moved.
	bool will_count;
	bool will_defer; // replaced_at will be moved
	// All that is only what a real run would do: what stands against it is told and no error.
	bool is_dryrun;
};

struct preflight {
	int64_t service; // id of sync-1.5
	// Quoted name of the index (service, replaced_at).
	char backlog_index[PREFLIGHT_NAME_BYTES];
	// is_dryrun: a real run would fail for what `error` says.
	bool is_obstructed;
};

// 0, or an error as common/db/db.h (-ENOENT also for a service or an index that is missing, -ERANGE
// when the clocks are apart) with words for the operator that say what cures it.
int preflight_run(
	struct db *db,
	const struct preflight_wish *wish,
	struct preflight *out,
	char *error,
	size_t error_bytes
);
