// SPDX-License-Identifier: MPL-2.0
// scan: the slots of this target that run on the scan thread.
#include "common/targets/tokenserver/scan.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/handle.h"
#include "common/overdue.h"
#include "common/pack/pack.h"
#include "common/page.h"
#include "common/targets/tokenserver/passed_over.h"
#include "common/targets/tokenserver/place.h"
#include "common/targets/tokenserver/preflight.h"
#include "common/targets/tokenserver/rows.h"
#include "common/targets/tokenserver/rule.h"
#include "common/targets/tokenserver/state.h"
#include "common/targets/tokenserver/walk.h"
#include "common/text/moment.h"

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
	scan->uids_max = pass->wish.page_rows > 0 ? pass->wish.page_rows : 1;
	scan->uids = calloc(scan->uids_max, sizeof(*scan->uids));
	scan->pack = pack_new();
	if (scan->uids == NULL || scan->pack == NULL) {
		scan_free(scan);
		return -ENOMEM;
	}
	*out = scan;
	return 0;
}

// NULL in *out: from the beginning. `room` is for what it points to.
static int read_resume(struct pass *pass, struct place *room, const struct place **out) {
	const char *resume = pass->wish.resume;

	*out = resume == NULL ? NULL : room;
	if (resume == NULL || place_read(resume, room))
		return 0;
	snprintf(
		pass->facts.error, sizeof(pass->facts.error), "cannot read the cursor '%s'", resume
	);
	return -EINVAL;
}

// Never nearer to the cutoff than the margin, and there when all before it has been seen.
static void write_cursor(const struct scan *scan, const struct pass *pass, struct page *page) {
	int64_t last = pass->facts.cutoff - pass->wish.margin_ms - 1;
	struct place place = {.uid = 0};
	bool is_set = walk_position(scan->walk, &place.replaced_at, &place.uid);

	if (pass->wish.has_range_start || pass->wish.has_range_end ||
	    (!is_set && !page->end_of_pass))
		return;
	if (!is_set || page->end_of_pass || place.replaced_at > last)
		place = (struct place){.replaced_at = last, .uid = INT64_MAX};
	place_write(&place, page->cursor, sizeof(page->cursor));
}

static int start_walk(
	struct scan *scan,
	struct db *db,
	struct pass *pass,
	const struct preflight *found,
	const struct place *resume
) {
	const struct walk_plan plan = {
		.service = found->service,
		.backlog_index = found->backlog_index,
		.cutoff = pass->facts.cutoff,
		.has_range_start = pass->wish.has_range_start,
		.has_range_end = pass->wish.has_range_end,
		.range_start = pass->wish.range_start,
		.range_end = pass->wish.range_end,
		.has_after = resume != NULL,
		.after_replaced_at = resume == NULL ? 0 : resume->replaced_at,
		.after_uid = resume == NULL ? 0 : resume->uid,
	};
	int err = walk_new(&scan->walk, db, &plan, CHOOSE_WAY_MS);

	if (err < 0 && err != -ENOMEM)
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"cannot measure the backlog: %s",
			db_error(db)
		);
	return err;
}

static int begin(const void *config, struct handle *handle, struct pass *pass) {
	const struct tokenserver_config *conf = config;
	const struct preflight_wish wish = {
		.will_remove = !pass->wish.scan_only,
		.will_count = !pass->wish.scan_only && !conf->keep_counters,
		.will_defer = !pass->wish.scan_only && pass->wish.will_defer,
		.is_dryrun = pass->wish.dryrun,
	};
	const struct place *resume = NULL;
	struct place room;
	struct preflight found;
	struct scan *scan;
	int err = preflight_run(
		handle_db(handle), &wish, &found, pass->facts.error, sizeof(pass->facts.error)
	);

	if (err < 0)
		return err;
	if (found.is_obstructed) {
		snprintf(
			pass->facts.obstacle, sizeof(pass->facts.obstacle), "%s", pass->facts.error
		);
		pass->facts.error[0] = '\0';
	}
	err = read_resume(pass, &room, &resume);
	if (err < 0)
		return err;
	pass->facts.cutoff = pass->wish.started_wall_ms - conf->grace_ms;
	err = scan_new(&scan, pass);
	if (err < 0)
		return err;
	err = start_walk(scan, handle_db(handle), pass, &found, resume);
	if (err < 0) {
		scan_free(scan);
		return err;
	}
	pass->facts.scan = scan;
	return 0;
}

static int identify(
	const void *config, struct handle *handle, bool may_name, char *out, size_t out_bytes
) {
	struct preflight_wish nothing = {.will_remove = false};
	struct preflight found;
	struct db_result *result = NULL;
	int err = preflight_run(handle_db(handle), &nothing, &found, out, out_bytes);

	(void)config;
	(void)may_name;
	if (err == 0)
		err = db_select(handle_db(handle), "SELECT DATABASE()", &result);
	if (err < 0)
		return err;
	if (db_result_next(result) && !db_result_is_null(result, 0))
		snprintf(
			out,
			out_bytes,
			"%s/%" PRId64,
			db_result_text(result, 0, NULL),
			found.service
		);
	else
		err = -ENOENT;
	db_result_free(result);
	return err;
}

static int held(const void *config, struct handle *handle, char *out, size_t out_bytes) {
	return passed_over_list(config, handle_db(handle), out, out_bytes);
}

static void end_scan(const void *config, struct pass *pass) {
	(void)config;
	scan_free(pass->facts.scan);
	pass->facts.scan = NULL;
}

static bool narrate(
	const void *config,
	const struct pass *pass,
	const struct narration *line,
	char *out,
	size_t out_bytes
) {
	const struct tokenserver_config *conf = config;
	const char *to = conf->override_node;
	char cutoff[MOMENT_BYTES];

	if (line->ended || line->index > 0)
		return false;
	moment_format(pass->facts.cutoff / 1000 * 1000, cutoff);
	snprintf(
		out,
		out_bytes,
		"looking for records replaced before %s, by a grace period of %" PRId64
		" s; nodes keep data by %s; records of nodes that are down %s%s",
		cutoff,
		conf->grace_ms / 1000,
		conf->node_keys == NODE_KEYS_FXA ? "fxa" : "uid",
		!conf->force         ? "stay"
			: to == NULL ? "go too"
				     : "go too, their DELETEs to ",
		conf->force && to != NULL ? to : ""
	);
	return true;
}

static int estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
) {
	const struct scan *scan = pass->facts.scan;

	(void)config;
	return walk_estimate(
		scan->walk,
		handle_db(handle),
		limit_ms,
		pass->wish.max_records > 0 && !pass->wish.scan_only,
		out
	);
}

static int count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
) {
	const struct scan *scan = pass->facts.scan;

	(void)config;
	return walk_count_staying(scan->walk, handle_db(handle), limit_ms, enough, out);
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

// Those of nodes that are down as well, for nobody purges them.
static void note_overdue(
	const struct tokenserver_config *config,
	const struct user_row *row,
	const struct ruling *ruling,
	struct page *page
) {
	char id[32];

	if (row == NULL || !overdue_is(&page->overdue, row->replaced_at + config->grace_ms) ||
	    ruling->verdict == VERDICT_DONE ||
	    (ruling->verdict == VERDICT_LEFT && ruling->reason != REASON_NODE_DOWN))
		return;
	snprintf(id, sizeof(id), "%" PRId64, row->uid);
	overdue_add(&page->overdue, row->replaced_at + config->grace_ms, id, row->node);
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

		note_overdue(config, row, &ruling, page);
		page->holds |= passed_over_is(ruling.reason);
		if (ruling.verdict == VERDICT_LEFT || ruling.verdict == VERDICT_DONE)
			page->left[ruling.reason]++;
		else
			err = add_candidate(scan, row, &ruling, like, page);
	}
	return err;
}

static int read_page(
	const void *config, struct handle *handle, struct pass *pass, struct page *page
) {
	struct scan *scan = pass->facts.scan;
	struct db *db = handle_db(handle);
	struct candidate like = {.cutoff = pass->facts.cutoff};
	struct row_set *set = NULL;
	size_t count = 0;
	bool end = false;
	size_t max = pass->wish.page_rows < scan->uids_max ? pass->wish.page_rows : scan->uids_max;
	int err = walk_page(scan->walk, db, max, scan->uids, &count, &end);

	// The judgement is as old as the moment before its facts were read.
	like.checked_mono_ms = clock_mono_ms();
	like.seen_ms = clock_wall_ms();
	if (err == 0)
		err = rows_load(
			&set, db, scan->uids, count, rule_needs_others(config), pass->facts.cutoff
		);
	if (err == 0)
		err = judge_rows(config, scan, set, count, &like, page);
	rows_free(set);
	if (err == -ESTALE) {
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"records were taken away each time while they were read"
		);
		err = -EAGAIN;
	}
	if (err < 0)
		return err;
	page->rows = (int64_t)count;
	page->end_of_stage = end;
	page->end_of_pass = end;
	walk_advance(scan->walk);
	write_cursor(scan, pass, page);
	return 0;
}

const struct target_scanner tokenserver_scanner = {
	.has_ranges = true,
	.has_cursors = true,
	.named = "database",
	.identify = identify,
	.held = held,
	.begin = begin,
	.estimate = estimate,
	.count_staying = count_staying,
	.page = read_page,
	.end = end_scan,
	.narrate = narrate,
};
