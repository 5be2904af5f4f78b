// SPDX-License-Identifier: MPL-2.0
// remover: takes the rows of a chunk out of the database.
#include "common/targets/softdelete/remover.h"

#include "common/handle.h"
#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/deletion/deletion.h"
#include "common/targets/softdelete/deletion/presence.h"

#include <stdio.h>

static int load(const void *config, struct work *work, struct finding *why) {
	const struct softdelete_config *conf = config;
	struct chunk *chunk;
	int err = chunk_read(&chunk, conf->preset, work->candidate);

	(void)why;
	if (err < 0)
		return err;
	work->state = chunk;
	work->rows = (int64_t)chunk->count;
	work->oldest_at = chunk->oldest_ms;
	work->newest_at = chunk->newest_ms;
	work->counted = true;
	return 0;
}

static void unload(const void *config, struct work *work) {
	(void)config;
	chunk_free(work->state);
	work->state = NULL;
}

static void say_rows(const struct chunk *chunk, struct work_result *out) {
	struct removed_rows *rows = &out->rows;

	rows->removed = chunk->removed.rows;
	rows->along = chunk->removed.rows_along;
	rows->spared = chunk->removed.spared;
	rows->failed = (int64_t)chunk->failure_count;
	rows->gone = (int64_t)chunk->settled - rows->removed - rows->spared - rows->failed;
	out->commit_unknown = chunk->lost.count > 0;
	out->along_unknown = chunk->lost.removed.rows_along + chunk->along.lost;
	out->narrowed = chunk->losses.narrowed;
}

static struct deletion_rule rule_of(const struct softdelete_config *config) {
	return (struct deletion_rule){
		.preset = config->preset,
		.require_flag = config->require_flag,
		.rows_max = config->chunk_rows,
	};
}

static int remove_one(
	const struct softdelete_config *config, struct handle *handle, const struct work_pair *pair
) {
	const struct deletion_rule rule = rule_of(config);
	struct chunk *chunk = pair->work->state;
	int err = deletion_run(handle_db(handle), chunk, &rule);

	say_rows(chunk, pair->out);
	if (err < 0)
		return err;
	pair->out->finding.verdict = VERDICT_DONE;
	pair->out->finding.reason = chunk->failure_count > 0 ? chunk->failures[0].reason
							     : REASON_NONE;
	return 0;
}

static int remove_rows(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		// Each has a transaction of its own: those before the one that failed are done.
		if (pairs[i].out->finding.verdict != VERDICT_DONE)
			err = remove_one(config, handle, &pairs[i]);
	}
	return err;
}

static int look_at_one(
	const struct softdelete_config *config, struct handle *handle, const struct work_pair *pair
) {
	const struct deletion_rule rule = rule_of(config);
	struct finding *finding = &pair->out->finding;
	struct presence presence;
	int err = presence_count(handle_db(handle), pair->work->state, &rule, &presence);

	if (err < 0)
		return err;
	finding->verdict = presence.due > 0 ? VERDICT_GO : VERDICT_DONE;
	if (presence.due == 0)
		finding->reason = presence.there > 0 ? REASON_CHANGED : REASON_GONE;
	return 0;
}

static int look(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = look_at_one(config, handle, &pairs[i]);
	return err;
}

static void failed_row(
	const void *config, const struct work *work, int64_t index, struct row_words *out
) {
	const struct chunk *chunk = work->state;

	(void)config;
	out->reason = chunk->failures[index].reason;
	snprintf(out->id, sizeof(out->id), "%s", chunk->failures[index].id);
	snprintf(out->words, sizeof(out->words), "%s", chunk->failures[index].words);
}

static const char *plan(const void *config, const struct work *work, const char **where) {
	const struct chunk *chunk = work->state;

	(void)config;
	*where = chunk->table->name;
	return "delete rows";
}

const struct target_remover softdelete_remover = {
	.batch_max = 1,
	.load = load,
	.unload = unload,
	.look = look,
	.remove = remove_rows,
	.plan = plan,
	.failed_row = failed_row,
};
