// SPDX-License-Identifier: MPL-2.0
// scan: the slots of this target that run on the scan thread.
#include "common/targets/tokenserver/scan.h"

#include "common/clock.h"
#include "common/db.h"
#include "common/pack.h"
#include "common/page.h"
#include "common/targets/tokenserver/preflight.h"
#include "common/targets/tokenserver/rows.h"
#include "common/targets/tokenserver/state.h"
#include "common/targets/tokenserver/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHOOSE_WAY_MS = 5 * 1000 };

struct scan {
	struct walk *walk;
	struct pack *pack;
	int64_t *uids;
	size_t uids_max;
	char id[24]; // of the candidate being made
};

static void scan_free(struct scan *scan) {
	if (scan == NULL)
		return;
	walk_free(scan->walk);
	pack_free(scan->pack);
	free(scan->uids);
	free(scan);
}

static int scan_new(struct scan **out, const struct pass *pass) {
	struct scan *scan = calloc(1, sizeof(*scan));

	if (scan == NULL)
		return -ENOMEM;
	scan->uids_max = pass->page_rows > 0 ? pass->page_rows : 1;
	scan->uids = calloc(scan->uids_max, sizeof(*scan->uids));
	scan->pack = pack_new();
	if (scan->uids == NULL || scan->pack == NULL) {
		scan_free(scan);
		return -ENOMEM;
	}
	*out = scan;
	return 0;
}

static int
start_walk(struct scan *scan, struct db *db, struct pass *pass, const struct preflight *found) {
	const struct walk_plan plan = {
		.service = found->service,
		.backlog_index = found->backlog_index,
		.cutoff = pass->cutoff,
		.has_range_start = pass->has_range_start,
		.has_range_end = pass->has_range_end,
		.range_start = pass->range_start,
		.range_end = pass->range_end,
	};
	int err = walk_new(&scan->walk, db, &plan, CHOOSE_WAY_MS);

	if (err < 0 && err != -ENOMEM)
		snprintf(
			pass->error,
			sizeof(pass->error),
			"cannot measure the backlog: %s",
			db_error(db)
		);
	return err;
}

int scan_begin(const void *config, struct handle *handle, struct pass *pass) {
	const struct tokenserver_config *conf = config;
	const struct preflight_wish wish = {
		.will_remove = !pass->dryrun,
		.will_count = !pass->dryrun && !conf->keep_counters,
		.will_defer = !pass->dryrun && pass->will_defer,
	};
	struct preflight found;
	struct scan *scan;
	int err = preflight_run(handle_db(handle), &wish, &found, pass->error, sizeof(pass->error));

	if (err < 0)
		return err;
	pass->cutoff = pass->started_wall_ms - conf->grace_ms;
	err = scan_new(&scan, pass);
	if (err < 0)
		return err;
	err = start_walk(scan, handle_db(handle), pass, &found);
	if (err < 0) {
		scan_free(scan);
		return err;
	}
	pass->scan = scan;
	return 0;
}

void scan_end(const void *config, struct pass *pass) {
	(void)config;
	scan_free(pass->scan);
	pass->scan = NULL;
}

int scan_estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t bound,
	struct estimate *out
) {
	const struct scan *scan = pass->scan;

	(void)config;
	return walk_estimate(scan->walk, handle_db(handle), limit_ms, bound, out);
}

static int add_candidate(
	struct scan *scan,
	const struct user_row *row,
	const struct ruling *ruling,
	struct candidate *like,
	struct page *page
) {
	struct state state = {.nodeless = false};
	const unsigned char *data;
	int err = state_set(&state, row, ruling);

	if (err == 0)
		err = state_pack(&state, scan->pack, &data, &like->data_bytes);
	if (err == 0) {
		snprintf(scan->id, sizeof(scan->id), "%" PRId64, row->uid);
		like->id = scan->id;
		like->key = row->uid;
		like->at = row->replaced_at;
		like->data = (unsigned char *)data; // page_add copies it
		err = page_add(page, like);
	}
	state_fini(&state);
	return err;
}

static int judge_rows(
	const struct tokenserver_config *config,
	struct scan *scan,
	const struct row_set *set,
	size_t count,
	struct candidate *like,
	struct page *page
) {
	struct rule rule = rule_of(config, like->cutoff);
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		struct ruling ruling;
		const struct user_row *row = rows_judge(set, scan->uids[i], &rule, &ruling);

		if (ruling.verdict == VERDICT_LEFT || ruling.verdict == VERDICT_DONE)
			page->left[ruling.reason]++;
		else
			err = add_candidate(scan, row, &ruling, like, page);
	}
	return err;
}

int scan_page(const void *config, struct handle *handle, struct pass *pass, struct page *page) {
	struct scan *scan = pass->scan;
	struct db *db = handle_db(handle);
	struct candidate like = {.cutoff = pass->cutoff};
	struct row_set *set = NULL;
	size_t count = 0;
	bool end = false;
	size_t max = pass->page_rows < scan->uids_max ? pass->page_rows : scan->uids_max;
	int err = walk_page(scan->walk, db, max, scan->uids, &count, &end);

	// The judgement is as old as the moment before its facts were read.
	like.checked_mono_ms = clock_mono_ms();
	like.seen_ms = clock_wall_ms();
	if (err == 0)
		err = rows_load(
			&set, db, scan->uids, count, rule_needs_others(config), pass->cutoff
		);
	if (err == 0)
		err = judge_rows(config, scan, set, count, &like, page);
	rows_free(set);
	if (err < 0)
		return err;
	page->rows = (int64_t)count;
	page->end_of_stage = end;
	page->end_of_pass = end;
	walk_advance(scan->walk);
	return 0;
}
