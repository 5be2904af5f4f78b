// SPDX-License-Identifier: MPL-2.0
// slots: the slots of this target that run on the loop thread and on batch threads.
#include "common/targets/softdelete/slots.h"

#include "common/db/db.h"
#include "common/metrics/metrics.h"
#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/deletion/deletion.h"

#include <stdio.h>

int softdelete_load(const void *config, struct work *work) {
	const struct softdelete_config *conf = config;
	struct chunk *chunk;
	int err = chunk_read(&chunk, conf->preset, work->candidate);

	if (err < 0)
		return err;
	work->state = chunk;
	work->rows = (int64_t)chunk->count;
	work->oldest_at = chunk->oldest_ms;
	work->newest_at = chunk->newest_ms;
	work->counted = true;
	return 0;
}

void softdelete_unload(const void *config, struct work *work) {
	(void)config;
	chunk_free(work->state);
	work->state = NULL;
}

static int remove_one(
	const struct softdelete_config *config, struct handle *handle, struct work *work
) {
	const struct deletion_rule rule = {
		.preset = config->preset,
		.require_flag = config->require_flag,
		.rows_max = config->chunk_rows,
	};
	struct chunk *chunk = work->state;
	int err = deletion_run(handle_db(handle), chunk, &rule);

	work->removed = chunk->removed.rows;
	work->removed_also = chunk->removed.rows_along;
	work->spared = chunk->removed.spared;
	work->failed = (int64_t)chunk->failure_count;
	work->gone = (int64_t)chunk->settled - work->removed - work->spared - work->failed;
	work->commit_unknown = chunk->lost.count > 0;
	work->also_unknown = chunk->lost.removed.rows_along + chunk->along.lost;
	work->narrowed = chunk->losses.narrowed;
	if (err < 0)
		return err;
	work->verdict = VERDICT_DONE;
	work->reason = work->failed > 0 ? chunk->failures[0].reason : REASON_NONE;
	return 0;
}

int softdelete_remove(
	const void *config, struct handle *handle, struct work *const *works, size_t count
) {
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		// Each has a transaction of its own: those before the one that failed are done.
		if (works[i]->verdict != VERDICT_DONE)
			err = remove_one(config, handle, works[i]);
	}
	return err;
}

void softdelete_failed_row(
	const void *config, const struct work *work, int64_t index, struct row_words *out
) {
	const struct chunk *chunk = work->state;

	(void)config;
	out->reason = chunk->failures[index].reason;
	snprintf(out->id, sizeof(out->id), "%s", chunk->failures[index].id);
	snprintf(out->words, sizeof(out->words), "%s", chunk->failures[index].words);
}

const char *softdelete_plan(const void *config, const struct work *work, const char **where) {
	const struct chunk *chunk = work->state;

	(void)config;
	*where = chunk->table->name;
	return "delete rows";
}

void softdelete_report(const void *config, struct metrics *metrics, const struct event *event) {
	(void)config;
	switch (event->kind) {
	case EVENT_BACKLOG:
		metrics_gauge(metrics, "purge.backlog.size", event->value, NULL);
		break;
	case EVENT_PAGE:
		metrics_count(metrics, "purge.batch.fetched", event->value, NULL);
		break;
	case EVENT_PURGED:
		metrics_count(metrics, "rows.deleted", event->value, NULL);
		break;
	case EVENT_FAILED:
		metrics_count(
			metrics,
			"rows.failed",
			event->value,
			event->work->reason == REASON_BLOCKED ? "reason:blocked" : NULL
		);
		break;
	case EVENT_PASS_END:
		metrics_timing(metrics, "purge.run.duration_ms", event->value, NULL);
		metrics_count(
			metrics, event->success ? "purge.run.success" : "purge.run.failure", 1, NULL
		);
		break;
	default:
		break;
	}
}
