// SPDX-License-Identifier: MPL-2.0
// remover: judges records again and takes them out of the database.
#include "common/targets/tokenserver/remover.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/handle.h"
#include "common/target/finding.h"
#include "common/targets/tokenserver/gone.h"
#include "common/targets/tokenserver/nodes.h"
#include "common/targets/tokenserver/removal.h"
#include "common/targets/tokenserver/rows.h"
#include "common/targets/tokenserver/rule.h"
#include "common/targets/tokenserver/state.h"

#include <errno.h>
#include <stdlib.h>

static int load(const void *config, struct work *work, struct finding *why) {
	const struct candidate *candidate = work->candidate;
	struct state *state = calloc(1, sizeof(*state));
	int err;

	(void)config;
	if (state == NULL)
		return -ENOMEM;
	err = state_unpack(state, candidate->data, candidate->data_bytes);
	if (err < 0) {
		free(state);
		return err;
	}
	state->replaced_at = candidate->at;
	state->node_is_known = candidate->checked_mono_ms > 0; // by our own scan
	work->state = state;
	work->counted = !state->nodeless;
	if (state->fault != NULL)
		finding_say(why, "%s", state->fault);
	return 0;
}

static void unload(const void *config, struct work *work) {
	(void)config;
	if (work->state != NULL)
		state_fini(work->state);
	free(work->state);
	work->state = NULL;
}

// The stricter of the cutoff that the record was found with and our own.
static int64_t cutoff_of(
	const struct tokenserver_config *config, const struct work *work, int64_t wall_ms
) {
	int64_t own = wall_ms - config->grace_ms;

	return work->candidate->cutoff < own ? work->candidate->cutoff : own;
}

static int64_t strictest_cutoff(
	const struct tokenserver_config *config,
	const struct work_pair *pairs,
	size_t count,
	int64_t wall_ms
) {
	int64_t strictest = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		int64_t cutoff = cutoff_of(config, pairs[i].work, wall_ms);

		if (cutoff < strictest)
			strictest = cutoff;
	}
	return strictest;
}

static void set_verdict(struct work_result *out, enum verdict verdict, enum reason reason) {
	out->finding.verdict = verdict;
	out->finding.reason = reason;
}

static int take_ruling(
	const struct work_pair *pair, const struct user_row *row, const struct ruling *ruling
) {
	struct state *state = pair->work->state;
	struct work_result *out = pair->out;
	int err;

	set_verdict(out, ruling->verdict, ruling->reason);
	if (row == NULL && state->commit_unknown) {
		// The remove whose end was not heard did it.
		out->rows.removed = 1;
		out->finding.reason = REASON_NONE;
	}
	if (ruling->verdict != VERDICT_GO && ruling->verdict != VERDICT_FAILED)
		return 0;
	err = state_set(state, row, ruling);
	if (err < 0)
		return err;
	out->counted = !state->nodeless;
	if (ruling->verdict == VERDICT_FAILED && state->fault != NULL)
		finding_say(&out->finding, "%s", state->fault);
	else if (state->send_delete && state->is_modified)
		set_verdict(out, VERDICT_LEFT, REASON_MODIFIED);
	return 0;
}

// Its row is gone, and a replay wants what its node may have again to go, too.
static bool is_replayed(const struct work *work, const struct user_row *row) {
	const struct state *state = work->state;

	return row == NULL && work->candidate->origin.is_replayed && !state->nodeless &&
		!state->is_deleted && !state->commit_unknown;
}

struct gone_list {
	struct gone *items; // room for all
	size_t count;
};

// Judges those whose rows are there, and puts the others that a replay is about into `gone`.
static int judge_rows(
	const struct tokenserver_config *config,
	const struct row_set *set,
	const struct work_pair *pairs,
	size_t count,
	const struct judged *now,
	struct gone_list *gone
) {
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		const struct work *work = pairs[i].work;
		struct rule rule = rule_of(config, cutoff_of(config, work, now->wall_ms));
		struct ruling ruling;
		const struct user_row *row = rows_judge(set, work->candidate->key, &rule, &ruling);

		if (is_replayed(work, row))
			gone->items[gone->count++] = (struct gone){&pairs[i], rule.cutoff};
		else
			err = take_ruling(&pairs[i], row, &ruling);
		pairs[i].out->judged = *now;
	}
	return err;
}

static int check(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	const struct judged now = {clock_mono_ms(), clock_wall_ms()};
	int64_t *uids = calloc(count + 1, sizeof(*uids));
	struct gone_list gone = {.items = calloc(count + 1, sizeof(*gone.items))};
	struct row_set *set = NULL;
	int err = uids == NULL || gone.items == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < count && err == 0; i++)
		uids[i] = pairs[i].work->candidate->key;
	if (err == 0)
		err = rows_load(
			&set,
			handle_db(handle),
			uids,
			count,
			rule_needs_others(config),
			strictest_cutoff(config, pairs, count, now.wall_ms)
		);
	if (err == 0)
		err = judge_rows(config, set, pairs, count, &now, &gone);
	if (err == 0 && gone.count > 0)
		err = gone_judge(config, handle_db(handle), gone.items, gone.count);
	rows_free(set);
	free(uids);
	free(gone.items);
	return err == -ESTALE ? -EAGAIN : err;
}

// A uid is given once, so a row of it is the record's; with another time it is another record's
// matter, or nobody's when it is in use again.
static int look(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	int64_t *uids = calloc(count + 1, sizeof(*uids));
	struct row_set *set = NULL;
	int err = uids == NULL ? -ENOMEM : 0;

	(void)config;
	for (size_t i = 0; i < count && err == 0; i++)
		uids[i] = pairs[i].work->candidate->key;
	if (err == 0)
		err = rows_load(&set, handle_db(handle), uids, count, false, 0);
	for (size_t i = 0; i < count && err == 0; i++) {
		const struct user_row *row = rows_find(set, uids[i]);

		if (row == NULL)
			set_verdict(pairs[i].out, VERDICT_DONE, REASON_GONE);
		else if (row->is_replaced && row->replaced_at == pairs[i].work->candidate->at)
			set_verdict(pairs[i].out, VERDICT_GO, REASON_NONE);
		else
			set_verdict(pairs[i].out, VERDICT_DONE, REASON_CHANGED);
	}
	rows_free(set);
	free(uids);
	return err;
}

// Another record needs the data, so only the row goes: no lock of ours holds that record as it was
// judged.
static bool is_held_back(const struct state *state) {
	return !state->nodeless && !state->send_delete;
}

static struct removal *removals_of(
	const struct tokenserver_config *config, const struct work_pair *pairs, size_t count
) {
	struct removal *items = calloc(count + 1, sizeof(*items));

	for (size_t i = 0; i < count && items != NULL; i++) {
		const struct work *work = pairs[i].work;
		const struct state *state = work->state;

		items[i] = (struct removal){
			.uid = work->candidate->key,
			.replaced_at = state->replaced_at,
			.nodeid = state->nodeid,
			.nodeless = state->nodeless,
			.good_until_ms = is_held_back(state) ? work->good_until_ms : 0,
			// Where a node was asked the data is gone, and the row goes too.
			.holds = state->send_delete ? NULL : config->holds,
			.commit_unknown = state->commit_unknown,
		};
	}
	return items;
}

// For the check and the remove that come next, and for what the engine counts.
static void note_commit(const struct work_pair *pair, bool is_unknown) {
	struct state *state = pair->work->state;

	state->commit_unknown = pair->out->commit_unknown = is_unknown;
}

static void take_outcomes(
	const struct work_pair *pairs, const struct removal *items, size_t count, const char *error
) {
	for (size_t i = 0; i < count; i++) {
		struct work_result *out = pairs[i].out;

		set_verdict(out, items[i].verdict, items[i].reason);
		out->untried = items[i].untried;
		if (items[i].verdict != VERDICT_RETRY)
			continue;
		out->finding.reason = REASON_DATABASE;
		if (items[i].reason == REASON_CHANGED)
			finding_say(
				&out->finding,
				"waiting for the row's lock took longer than --check-ttl"
			);
		else
			finding_say(
				&out->finding,
				"%s: %s",
				items[i].untried ? "rows of other nodes are locked"
						 : "the row of its node is locked",
				error
			);
	}
}

static int remove_rows(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	const struct tokenserver_config *conf = config;
	struct removal *items = removals_of(config, pairs, count);
	int err;

	if (items == NULL)
		return -ENOMEM;
	err = removal_run(handle_db(handle), conf->keep_counters, items, count);
	for (size_t i = 0; i < count; i++)
		note_commit(&pairs[i], items[i].commit_unknown);
	if (err == 0)
		take_outcomes(pairs, items, count, db_error(handle_db(handle)));
	for (size_t i = 0; i < count && err == 0; i++)
		pairs[i].out->rows.removed = items[i].removed;
	free(items);
	return err;
}

static int defer(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	struct removal *items = removals_of(config, pairs, count);
	int err;

	if (items == NULL)
		return -ENOMEM;
	err = removal_defer(handle_db(handle), clock_wall_ms(), items, count);
	if (err == 0)
		take_outcomes(pairs, items, count, db_error(handle_db(handle)));
	free(items);
	return err;
}

static int find_node(const void *config, struct handle *handle, const char *node, int64_t *id) {
	(void)config;
	return nodes_find(handle_db(handle), node, id);
}

static bool is_on_node(
	const void *config, const struct candidate *candidate, const char *node, int64_t id
) {
	struct state state = {.replaced_at = 0};
	bool is_there = true;

	(void)config;
	if (state_unpack(&state, candidate->data, candidate->data_bytes) == 0)
		is_there = state.node != NULL &&
			((id != 0 && state.nodeid == id) || rule_is_same_node(state.node, node));
	state_fini(&state);
	return is_there;
}

static const char *plan(const void *config, const struct work *work, const char **where) {
	const struct state *state = work->state;

	(void)config;
	*where = state->node;
	if (state->fault != NULL)
		return "cannot be purged";
	if (state->nodeless)
		return "row only, no node";
	if (state->held_back)
		return "row only, data in use";
	return state->forced ? "node and row, forced" : "node and row";
}

const struct target_remover tokenserver_remover = {
	.load = load,
	.unload = unload,
	.check = check,
	.look = look,
	.remove = remove_rows,
	.defer = defer,
	.find_node = find_node,
	.is_on_node = is_on_node,
	.plan = plan,
};
