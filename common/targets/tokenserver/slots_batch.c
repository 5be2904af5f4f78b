// SPDX-License-Identifier: MPL-2.0
// slots_batch: check, remove and defer.
#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/targets/tokenserver/removal.h"
#include "common/targets/tokenserver/rows.h"
#include "common/targets/tokenserver/slots.h"
#include "common/targets/tokenserver/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// The stricter of the cutoff that the record was found with and our own.
static int64_t cutoff_of(
	const struct tokenserver_config *config, const struct work *work, int64_t wall_ms
) {
	int64_t own = wall_ms - config->grace_ms;

	return work->candidate->cutoff < own ? work->candidate->cutoff : own;
}

static int64_t strictest_cutoff(
	const struct tokenserver_config *config,
	struct work *const *works,
	size_t count,
	int64_t wall_ms
) {
	int64_t strictest = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		int64_t cutoff = cutoff_of(config, works[i], wall_ms);

		if (cutoff < strictest)
			strictest = cutoff;
	}
	return strictest;
}

static void set_verdict(struct work *work, enum verdict verdict, enum reason reason) {
	work->verdict = verdict;
	work->reason = reason;
}

static int take_ruling(struct work *work, const struct user_row *row, const struct ruling *ruling) {
	struct state *state = work->state;
	int err;

	set_verdict(work, ruling->verdict, ruling->reason);
	if (row == NULL && work->commit_unknown) {
		// The remove whose end was not heard did it.
		work->removed = 1;
		work->reason = REASON_NONE;
	}
	if (ruling->verdict != VERDICT_GO && ruling->verdict != VERDICT_FAILED)
		return 0;
	err = state_set(state, row, ruling);
	if (err < 0)
		return err;
	work->counted = !state->nodeless;
	if (ruling->verdict == VERDICT_FAILED)
		snprintf(work->message, sizeof(work->message), "%s", state->fault);
	else if (state->send_delete && state->is_modified)
		set_verdict(work, VERDICT_LEFT, REASON_MODIFIED);
	return 0;
}

int slots_check(
	const void *config, struct handle *handle, struct work *const *works, size_t count
) {
	int64_t mono_ms = clock_mono_ms();
	int64_t wall_ms = clock_wall_ms();
	int64_t *uids = calloc(count + 1, sizeof(*uids));
	struct row_set *set = NULL;
	int err = uids == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < count && err == 0; i++)
		uids[i] = works[i]->candidate->key;
	if (err == 0)
		err = rows_load(
			&set,
			handle_db(handle),
			uids,
			count,
			rule_needs_others(config),
			strictest_cutoff(config, works, count, wall_ms)
		);
	for (size_t i = 0; i < count && err == 0; i++) {
		struct rule rule = rule_of(config, cutoff_of(config, works[i], wall_ms));
		struct ruling ruling;
		const struct user_row *row = rows_judge(set, uids[i], &rule, &ruling);

		err = take_ruling(works[i], row, &ruling);
		works[i]->checked_mono_ms = mono_ms;
		works[i]->checked_wall_ms = wall_ms;
	}
	rows_free(set);
	free(uids);
	return err == -ESTALE ? -EAGAIN : err;
}

// Another record needs the data, so only the row goes: no lock of ours holds that record as it was
// judged.
static bool is_held_back(const struct state *state) {
	return !state->nodeless && !state->send_delete;
}

static struct removal *removals_of(struct work *const *works, size_t count) {
	struct removal *items = calloc(count + 1, sizeof(*items));

	for (size_t i = 0; i < count && items != NULL; i++) {
		const struct state *state = works[i]->state;

		items[i] = (struct removal){
			.uid = works[i]->candidate->key,
			.replaced_at = state->replaced_at,
			.nodeid = state->nodeid,
			.nodeless = state->nodeless,
			.good_until_ms = is_held_back(state) ? works[i]->good_until_ms : 0,
			.commit_unknown = works[i]->commit_unknown,
		};
	}
	return items;
}

static void take_outcomes(
	struct work *const *works, const struct removal *items, size_t count, const char *error
) {
	for (size_t i = 0; i < count; i++) {
		set_verdict(works[i], items[i].verdict, items[i].reason);
		works[i]->untried = items[i].untried;
		if (items[i].verdict != VERDICT_RETRY)
			continue;
		works[i]->reason = REASON_DATABASE;
		if (items[i].reason == REASON_CHANGED)
			snprintf(
				works[i]->message,
				sizeof(works[i]->message),
				"waiting for the row's lock took longer than --check-ttl"
			);
		else
			snprintf(
				works[i]->message,
				sizeof(works[i]->message),
				"%s: %s",
				items[i].untried ? "rows of other nodes are locked"
						 : "the row of its node is locked",
				error
			);
	}
}

int slots_remove(
	const void *config, struct handle *handle, struct work *const *works, size_t count
) {
	const struct tokenserver_config *conf = config;
	struct removal *items = removals_of(works, count);
	int err;

	if (items == NULL)
		return -ENOMEM;
	err = removal_run(handle_db(handle), conf->keep_counters, items, count);
	for (size_t i = 0; i < count; i++)
		works[i]->commit_unknown = items[i].commit_unknown;
	if (err == 0)
		take_outcomes(works, items, count, db_error(handle_db(handle)));
	for (size_t i = 0; i < count && err == 0; i++)
		works[i]->removed = items[i].removed;
	free(items);
	return err;
}

int slots_defer(
	const void *config, struct handle *handle, struct work *const *works, size_t count
) {
	struct removal *items = removals_of(works, count);
	int err;

	(void)config;
	if (items == NULL)
		return -ENOMEM;
	err = removal_defer(handle_db(handle), clock_wall_ms(), items, count);
	if (err == 0)
		take_outcomes(works, items, count, db_error(handle_db(handle)));
	free(items);
	return err;
}
