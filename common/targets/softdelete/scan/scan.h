// SPDX-License-Identifier: MPL-2.0
// scan: how far a walk over the tables has come, and how much may still be put.
// Thread: scan.
#pragma once

#include "common/target/pass.h"
#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/scan/due.h"
#include "common/targets/softdelete/schema/blockers.h"
#include "common/targets/softdelete/schema/check.h"
#include "common/targets/softdelete/schema/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// As it was when the pass began.
struct scan_table {
	int64_t due_rows; // -1: unknown
	// Of them, those that rows which stay refer to; -1: unknown, and when nobody looks.
	int64_t blocked_rows;
	// Rows that refer to each other in a circle, known once the rows were read.
	int64_t circle_rows;
	// Of a dry run: the condition that they are not.
	struct buf unblocked;
};

struct scan {
	struct schema schema;
	char cutoffs[3][CHUNK_CUTOFF_BYTES]; // by enum age_kind
	struct scan_table tables[PRESET_TABLES_MAX]; // as in the preset
	struct due due;
	// The rows of a table that refers to itself; or NULL.
	struct tree *tree;
	struct chunk_writer writer;
	size_t table; // in the preset
	// The rows of this table are being read.
	bool in_stage;
	// The next page is of the next table.
	bool stage_done;
	// The last page settles: what was put counts no more.
	bool settling;
	// Rows since the last page that settled.
	int64_t put;
	// Rows of the pass that were removed, as of that page; who is not told counts what was put.
	int64_t taken;
	int64_t taken_before; // when the stage began
	int64_t also_before;
};

void scan_free(struct scan *scan); // NULL is fine

// The first table from `table` on that has a stage; preset->count when there is none.
size_t scan_find_stage(const struct preset *preset, size_t table);
// The table of the stage that is being scanned, or of the next when that one is done.
size_t scan_stage_now(const struct scan *scan, const struct preset *preset);
struct due_plan scan_plan_of(
	const struct scan *scan,
	const struct softdelete_config *config,
	const struct pass *pass,
	size_t table
);
// How many rows of the stage went so far, or were put when nobody tells. Asked when all that was
// put has its fate, whether or not the scan was told yet.
int64_t scan_stage_rows(const struct scan *scan, const struct pass *pass);
// Goes to the next stage, when the one before is done.
void scan_begin_stage(
	struct scan *scan, const struct softdelete_config *config, const struct pass *pass
);
// All that was put has its fate.
void scan_settle(struct scan *scan, const struct pass *pass);
// How many rows may still be put; -1: no limit.
int64_t scan_room(
	const struct scan *scan, const struct softdelete_config *config, const struct pass *pass
);
