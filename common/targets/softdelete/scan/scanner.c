// SPDX-License-Identifier: MPL-2.0
// scanner: finds rows that were marked deleted long ago, table by table.
#include "common/targets/softdelete/scan/scanner.h"

#include "common/db/db.h"
#include "common/handle.h"
#include "common/page.h"
#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/scan/cut.h"
#include "common/targets/softdelete/scan/due.h"
#include "common/targets/softdelete/scan/estimate.h"
#include "common/targets/softdelete/scan/scan.h"
#include "common/targets/softdelete/scan/story.h"
#include "common/targets/softdelete/scan/tree_reading.h"
#include "common/targets/softdelete/schema/blockers.h"
#include "common/targets/softdelete/schema/schema.h"
#include "common/targets/softdelete/schema/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// --- begin and end

// One moment for the whole run, by our clock: the server's zone does not matter.
static void set_cutoff(struct scan *scan, struct pass *pass, int64_t age_in_days) {
	struct timespec now;
	struct tm parts;
	int64_t cutoff_s;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	cutoff_s = (int64_t)now.tv_sec - age_in_days * 86400;
	pass->facts.cutoff = cutoff_s * 1000 + now.tv_nsec / 1000000;
	gmtime_r(&(time_t){(time_t)cutoff_s}, &parts);
	len = strftime(
		scan->cutoffs[AGE_DATETIME], CHUNK_CUTOFF_BYTES, "%Y-%m-%d %H:%M:%S", &parts
	);
	snprintf(
		scan->cutoffs[AGE_DATETIME] + len,
		CHUNK_CUTOFF_BYTES - len,
		".%06ld",
		now.tv_nsec / 1000
	);
	snprintf(scan->cutoffs[AGE_MS], CHUNK_CUTOFF_BYTES, "%" PRId64, pass->facts.cutoff);
	snprintf(scan->cutoffs[AGE_S], CHUNK_CUTOFF_BYTES, "%" PRId64, cutoff_s);
}

// A real run leaves it to the server to say which rows are held.
static int find_blockers(struct scan *scan, const struct softdelete_config *config, struct db *db) {
	const struct preset *preset = config->preset;
	const char *cutoffs[] = {scan->cutoffs[0], scan->cutoffs[1], scan->cutoffs[2]};
	const struct blockers_wish wish = {preset, cutoffs, config->require_flag};
	int err = 0;

	for (size_t i = scan_find_stage(preset, 0); i < preset->count && err == 0;
	     i = scan_find_stage(preset, i + 1))
		err = blockers_find(&scan->tables[i].unblocked, db, &wish, &preset->tables[i]);
	return err;
}

static int begin(const void *config, struct handle *handle, struct pass *pass) {
	const struct softdelete_config *conf = config;
	const struct schema_wish wish = {
		.will_remove = !pass->wish.scan_only,
		.is_dryrun = pass->wish.dryrun,
		.require_flag = conf->require_flag,
	};
	struct scan *scan;
	int err;

	if (pass->wish.has_range_start || pass->wish.has_range_end) {
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"--range-start and --range-end mean nothing here: leave them out"
		);
		return -EINVAL;
	}
	scan = calloc(1, sizeof(*scan));
	if (scan == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < PRESET_TABLES_MAX; i++)
		scan->tables[i] = (struct scan_table){.due_rows = -1, .blocked_rows = -1};
	err = chunk_writer_init(&scan->writer);
	if (err == 0)
		err = schema_check(
			handle_db(handle),
			conf->preset,
			&wish,
			&scan->schema,
			pass->facts.error,
			sizeof(pass->facts.error)
		);
	if (err < 0) {
		scan_free(scan);
		return err;
	}
	if (scan->schema.is_obstructed) {
		snprintf(
			pass->facts.obstacle, sizeof(pass->facts.obstacle), "%s", pass->facts.error
		);
		pass->facts.error[0] = '\0';
	}
	snprintf(pass->facts.warning, sizeof(pass->facts.warning), "%s", scan->schema.warning);
	set_cutoff(scan, pass, conf->age_in_days);
	if (pass->wish.dryrun && !pass->wish.scan_only)
		err = find_blockers(scan, conf, handle_db(handle));
	if (err < 0) {
		scan_free(scan);
		return err;
	}
	pass->facts.scan = scan;
	return 0;
}

static void end(const void *config, struct pass *pass) {
	(void)config;
	scan_free(pass->facts.scan);
	pass->facts.scan = NULL;
}

// --- a page

static int read_rows(
	struct scan *scan,
	const struct cut_order *order,
	struct handle *handle,
	const struct due_want *want,
	struct page *page
) {
	struct due_rows rows;
	struct cut_last last;
	int err = due_page(&scan->due, handle_db(handle), want, &rows);

	if (err < 0)
		return err;
	page->rows = (int64_t)rows.count;
	err = cut_rows(&scan->writer, order, &rows, page, &last);
	if (err == 0)
		err = due_advance(&scan->due, handle_db(handle), last.key, last.key_len, last.age);
	if (err < 0)
		return err;
	scan->put += page->rows;
	page->end_of_stage = rows.is_end;
	return 0;
}

static int read_tree(struct scan *scan, struct handle *handle, char *error, size_t error_bytes) {
	const struct due_plan *plan = &scan->due.plan;
	struct scan_table *table = &scan->tables[scan->table];
	int err;

	if (scan->tree != NULL)
		return 0;
	err = tree_reading_run(&scan->tree, handle_db(handle), plan);
	if (err == -E2BIG)
		snprintf(
			error,
			error_bytes,
			"table '%s' refers to itself, and more than %d of its rows are old enough: "
			"give a greater age first, and a lower one in later runs",
			plan->table->name,
			TREE_ROWS_MAX
		);
	if (err < 0)
		return err;
	table->circle_rows = (int64_t)tree_circle(scan->tree);
	if (plan->unblocked != NULL)
		table->blocked_rows = (int64_t)tree_held(scan->tree);
	return 0;
}

// Children go before their parents: what was put is waited for at the end of each level.
static int put_level(
	struct scan *scan,
	const struct cut_order *order,
	const struct due_want *want,
	struct page *page
) {
	bool is_less = want->rows >= 0 && want->rows < (int64_t)want->page_rows;
	struct tree_page rows = tree_page(
		scan->tree, is_less ? (size_t)want->rows : want->page_rows
	);

	page->rows = (int64_t)rows.count;
	page->settle = rows.ends_level;
	page->end_of_stage = rows.is_end;
	scan->put += page->rows;
	return cut_tree(&scan->writer, order, scan->tree, rows.count, page);
}

static void say_slow(const struct scan *scan, const struct db *db, struct pass *pass) {
	const struct due_plan *plan = &scan->due.plan;

	snprintf(
		pass->facts.error,
		sizeof(pass->facts.error),
		"table '%.100s' could not be read in time: %.150s; cure: %s%.60s%s"
		"a greater read_timeout in the URL of the database",
		plan->table->name,
		db_error(db),
		plan->found->has_index ? "" : "an index on ",
		plan->found->has_index ? "" : plan->table->age,
		plan->found->has_index ? "" : ", or "
	);
}

static int read_page(
	struct scan *scan,
	const struct softdelete_config *config,
	struct handle *handle,
	const struct due_want *want,
	struct page *page
) {
	const struct cut_order order = {
		.plan = &scan->due.plan,
		.chunk_rows = (size_t)config->chunk_rows,
		.age_ms = config->age_in_days * 86400 * 1000,
	};

	return scan->tree == NULL ? read_rows(scan, &order, handle, want, page)
				  : put_level(scan, &order, want, page);
}

static int next_page(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
) {
	const struct softdelete_config *conf = config;
	struct scan *scan = pass->facts.scan;
	struct due_want want = {.page_rows = pass->wish.page_rows};
	int err = 0;

	pass->facts.error[0] = '\0';
	scan_begin_stage(scan, conf, pass);
	if (scan->settling)
		scan_settle(scan, pass);
	want.rows = scan_room(scan, conf, pass);
	if (want.rows != 0 && scan->due.plan.found->parent_count > 0)
		err = read_tree(scan, handle, pass->facts.error, sizeof(pass->facts.error));
	if (want.rows == 0)
		page->end_of_stage = true;
	else if (err == 0)
		err = read_page(scan, conf, handle, &want, page);
	if (err == -ETIME)
		say_slow(scan, handle_db(handle), pass);
	if (err < 0)
		return err;
	// Enough was put: whether all of it was removed decides whether more is.
	if (want.rows > 0 && page->rows == want.rows && pass->wish.removed >= 0) {
		page->settle = true;
		page->end_of_stage = false;
	}
	scan->settling = page->settle;
	scan->stage_done = page->end_of_stage;
	if (page->end_of_stage && scan->tables[scan->table].blocked_rows > 0)
		page->left[REASON_BLOCKED] += scan->tables[scan->table].blocked_rows;
	page->end_of_pass = page->end_of_stage &&
		scan_stage_now(scan, conf->preset) == conf->preset->count;
	return 0;
}

const struct target_scanner softdelete_scanner = {
	.order_is_needed = true, // children before parents
	.begin = begin,
	.estimate = softdelete_estimate,
	.count_staying = softdelete_count_staying,
	.page = next_page,
	.end = end,
	.narrate = softdelete_narrate,
};
