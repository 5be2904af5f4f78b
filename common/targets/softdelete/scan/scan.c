// SPDX-License-Identifier: MPL-2.0
// scan: how far a walk over the tables has come.
//
// Design notes
// - A table is a stage. How many of its rows were really removed is known whenever a page settles,
//   so a limit is kept exactly though others may remove the same rows, and rows that a foreign key
//   holds do not use it up.
#include "common/targets/softdelete/scan/scan.h"

#include "common/base/buf.h"

#include <stdlib.h>

void scan_free(struct scan *scan) {
	if (scan == NULL)
		return;
	for (size_t i = 0; i < PRESET_TABLES_MAX; i++)
		buf_fini(&scan->tables[i].unblocked);
	due_fini(&scan->due);
	tree_free(scan->tree);
	chunk_writer_fini(&scan->writer);
	free(scan);
}

static bool has_stage(const struct preset *preset, size_t table) {
	return preset->tables[table].goes_with[0] == '\0';
}

size_t scan_find_stage(const struct preset *preset, size_t table) {
	while (table < preset->count && !has_stage(preset, table))
		table++;
	return table;
}

size_t scan_stage_now(const struct scan *scan, const struct preset *preset) {
	return scan_find_stage(preset, scan->table + (scan->stage_done ? 1 : 0));
}

struct due_plan scan_plan_of(
	const struct scan *scan,
	const struct softdelete_config *config,
	const struct pass *pass,
	size_t table
) {
	const struct table *found = &config->preset->tables[table];

	return (struct due_plan){
		.table = found,
		.found = &scan->schema.tables[table],
		.cutoff = scan->cutoffs[found->age_kind],
		.require_flag = config->require_flag,
		.has_limit = softdelete_config_limit(config, found) >= 0 ||
			pass->wish.max_records > 0,
	};
}

void scan_settle(struct scan *scan, const struct pass *pass) {
	scan->taken = pass->wish.removed >= 0 ? pass->wish.removed : scan->taken + scan->put;
	scan->put = 0;
}

int64_t scan_stage_rows(const struct scan *scan, const struct pass *pass) {
	return (pass->wish.removed >= 0 ? pass->wish.removed : scan->taken + scan->put) -
		scan->taken_before;
}

void scan_begin_stage(
	struct scan *scan, const struct softdelete_config *config, const struct pass *pass
) {
	struct due_plan plan;

	if (scan->in_stage && !scan->stage_done)
		return;
	scan->table = scan_stage_now(scan, config->preset);
	plan = scan_plan_of(scan, config, pass, scan->table);
	// As many as could be counted can be read. Where rows hold each other, more may be held
	// than was counted.
	if (scan->tables[scan->table].blocked_rows > 0 ||
	    (scan->tables[scan->table].blocked_rows == 0 && plan.found->parent_count > 0))
		plan.unblocked = buf_text(&scan->tables[scan->table].unblocked);
	due_fini(&scan->due);
	due_init(&scan->due, &plan);
	tree_free(scan->tree);
	scan->tree = NULL;
	scan->in_stage = true;
	scan->stage_done = false;
	scan_settle(scan, pass);
	scan->taken_before = scan->taken;
	scan->also_before = pass->wish.removed_also;
}

int64_t scan_room(
	const struct scan *scan, const struct softdelete_config *config, const struct pass *pass
) {
	int64_t limit = softdelete_config_limit(config, scan->due.plan.table);
	int64_t left = -1;

	if (limit >= 0)
		left = limit - (scan->taken - scan->taken_before) - scan->put;
	if (pass->wish.max_records > 0) {
		int64_t in_all = pass->wish.max_records - scan->taken - scan->put;

		if (left < 0 || in_all < left)
			left = in_all;
		if (left < 0)
			left = 0;
	}
	return left < 0 && limit >= 0 ? 0 : left;
}
