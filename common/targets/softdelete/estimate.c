// SPDX-License-Identifier: MPL-2.0
// estimate: counts what is due, before anything is touched.
#include "common/clock.h"
#include "common/targets/softdelete/scan.h"
#include "common/targets/softdelete/scan_state.h"

#include <errno.h>

static int count_table(
	const struct due_plan *plan, struct db *db, int64_t limit_ms, int64_t bound, int64_t *count
) {
	struct due due;
	int err;

	if (limit_ms <= 0)
		return -ETIME;
	due_init(&due, plan);
	err = due_count(&due, db, limit_ms, bound, count);
	due_fini(&due);
	return err;
}

// How many rows of a table are to be counted at most; 0: no bound, -1: none.
static int64_t bound_of(const struct softdelete_config *config, const struct table *table) {
	int64_t limit = softdelete_config_limit(config, table);

	if (limit == 0)
		return -1;
	return limit > 0 ? limit : 0;
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
	int64_t began_ms = clock_mono_ms();
	int64_t until_ms = began_ms + limit_ms;
	int err = 0;

	*out = (struct estimate){.eligible = 0, .eligible_exact = true};
	for (size_t i = scan_find_stage(preset, 0); i < preset->count && err == 0;
	     i = scan_find_stage(preset, i + 1)) {
		struct due_plan plan = scan_plan_of(pass->scan, conf, pass, i);
		int64_t most = bound_of(conf, plan.table);
		int64_t count = 0;

		if (most >= 0)
			err = count_table(
				&plan, handle_db(handle), until_ms - clock_mono_ms(), most, &count
			);
		out->eligible += count;
		out->total += plan.found->rows;
	}
	out->eligible_ms = clock_mono_ms() - began_ms;
	if (err == -ETIME) {
		*out = (struct estimate){.eligible = -1, .total = -1};
		return 0;
	}
	// The size of a table is an estimate, what was counted is not.
	if (out->total < out->eligible)
		out->total = out->eligible;
	return err;
}
