// SPDX-License-Identifier: MPL-2.0
// estimate: counts what is due, before anything is touched.
#include "common/targets/softdelete/scan/estimate.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/handle.h"
#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/scan/due.h"
#include "common/targets/softdelete/scan/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SAME_ROWS_MIN = 3 };

// -1: not counted in time.
static int count_due(const struct due_plan *plan, struct db *db, int64_t limit_ms, int64_t *count) {
	struct due due;
	int err = -ETIME;

	if (limit_ms > 0) {
		due_init(&due, plan);
		err = due_count(&due, db, limit_ms, count);
		due_fini(&due);
	}
	if (err == -ETIME)
		*count = -1;
	return err == -ETIME ? 0 : err;
}

static int count_blocked(
	const struct due_plan *plan, struct db *db, int64_t limit_ms, struct scan_table *table
) {
	struct due_plan unblocked = *plan;
	int64_t count = 0;
	int err = 0;

	unblocked.unblocked = buf_text(&table->unblocked);
	if (table->due_rows < 0)
		count = -1;
	else if (table->due_rows > 0 && unblocked.unblocked[0] != '\0')
		err = count_due(&unblocked, db, limit_ms, &count);
	else
		count = table->due_rows;
	// What refers to the table is somebody else's, or locked.
	if (err == -EACCES || err == -EAGAIN)
		count = -1;
	else if (err < 0)
		return err;
	table->blocked_rows = count < 0 ? -1 : table->due_rows - count;
	// Both counts are of a table that others may change.
	if (count > table->due_rows)
		table->blocked_rows = 0;
	return 0;
}

// A value that most rows bear may be what the application writes for "not deleted".
static int look_for_same(
	const struct due_plan *plan,
	struct db *db,
	int64_t limit_ms,
	int64_t count,
	struct pass *pass
) {
	size_t len = strlen(pass->facts.warning);
	struct due_same same = {.rows = 0};
	struct due due;
	int err = 0;

	if (count < SAME_ROWS_MIN || limit_ms <= 0)
		return 0;
	due_init(&due, plan);
	err = due_find_same(&due, db, limit_ms, &same);
	due_fini(&due);
	if (err == -ETIME || (err == 0 && same.rows <= count / 2))
		return 0;
	if (err == 0)
		snprintf(
			pass->facts.warning + len,
			sizeof(pass->facts.warning) - len,
			"%smost of what is old enough in table %.60s (%" PRId64 " of %" PRId64
			" rows) has the same %.60s, %s: does it mean \"not deleted\"?",
			len > 0 ? "; " : "",
			plan->table->name,
			same.rows,
			count,
			plan->table->age,
			same.age
		);
	return err;
}

// What the limit of a table lets go, -1 when there is none.
static int64_t most_of(
	const struct softdelete_config *config, const struct table *table, int64_t due
) {
	int64_t limit = softdelete_config_limit(config, table);

	return limit < 0 || (due >= 0 && due < limit) ? due : limit;
}

static void add_table(struct estimate *sum, int64_t due, int64_t most) {
	sum->eligible = sum->eligible < 0 || due < 0 ? -1 : sum->eligible + due;
	sum->is_limited = sum->is_limited && most >= 0;
	sum->most += most;
}

int softdelete_estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
) {
	const struct softdelete_config *conf = config;
	const struct preset *preset = conf->preset;
	struct scan *scan = pass->facts.scan;
	int64_t began_ms = clock_mono_ms();
	int64_t until_ms = began_ms + limit_ms;
	int err = 0;

	*out = (struct estimate){.is_limited = true};
	for (size_t i = scan_find_stage(preset, 0); i < preset->count && err == 0;
	     i = scan_find_stage(preset, i + 1)) {
		struct due_plan plan = scan_plan_of(scan, conf, pass, i);
		int64_t *due = &scan->tables[i].due_rows;

		err = count_due(&plan, handle_db(handle), until_ms - clock_mono_ms(), due);
		if (err == 0)
			add_table(out, *due, most_of(conf, plan.table, *due));
	}
	out->eligible_exact = out->eligible >= 0;
	out->eligible_ms = clock_mono_ms() - began_ms;
	for (size_t i = scan_find_stage(preset, 0);
	     i < preset->count && err == 0 && pass->wish.dryrun;
	     i = scan_find_stage(preset, i + 1)) {
		const struct due_plan plan = scan_plan_of(scan, conf, pass, i);
		struct scan_table *table = &scan->tables[i];
		struct db *db = handle_db(handle);

		if (!pass->wish.scan_only)
			err = count_blocked(&plan, db, until_ms - clock_mono_ms(), table);
		if (err == 0)
			err = look_for_same(
				&plan, db, until_ms - clock_mono_ms(), table->due_rows, pass
			);
	}
	return err;
}

int softdelete_count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
) {
	const struct softdelete_config *conf = config;
	const struct preset *preset = conf->preset;
	int64_t until_ms = clock_mono_ms() + limit_ms;
	int64_t staying = 0;
	int err = 0;

	for (size_t i = scan_find_stage(preset, 0);
	     i < preset->count && err == 0 && staying < enough;
	     i = scan_find_stage(preset, i + 1)) {
		struct due_plan plan = scan_plan_of(pass->facts.scan, conf, pass, i);
		int64_t count = 0;
		struct due due;

		due_init(&due, &plan);
		err = due_count_others(&due, handle_db(handle), until_ms, enough - staying, &count);
		due_fini(&due);
		staying += count;
	}
	*out = err == 0 ? staying : -1;
	return err == -ETIME ? 0 : err;
}
