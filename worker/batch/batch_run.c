// SPDX-License-Identifier: MPL-2.0
// batch_run: what a thread does with one batch.
#include "worker/batch/batch_run.h"

#include "common/target/target.h"
#include "common/target/target_remover.h"
#include "worker/batch/halving.h"

#include <errno.h>
#include <stdio.h>

enum { REST_FIRST_MS = 50, REST_MOST_MS = 2000 };

// What was said before counts no more, but that it is done; what a remove took is told by the next
// remove at the earliest.
static void clear_results(enum batch_kind kind, const struct work_pair *pairs, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const struct work_result was = *pairs[i].out;

		if (was.finding.verdict == VERDICT_DONE)
			continue;
		// Words stay until there are others: why it was tried again is why it fails.
		*pairs[i].out = (struct work_result){.finding = {.words = was.finding.words}};
		if (kind == BATCH_REMOVE)
			continue;
		pairs[i].out->rows = was.rows;
		pairs[i].out->commit_unknown = was.commit_unknown;
		pairs[i].out->along_unknown = was.along_unknown;
	}
}

static int call_target(void *ctx, const struct work_pair *pairs, size_t count) {
	struct batch_runner *runner = ctx;
	const struct target_remover *remover = runner->target->remover;
	int err;

	err = handle_open(runner->handle);
	if (err < 0)
		return err;
	clear_results(runner->kind, pairs, count);
	switch (runner->kind) {
	case BATCH_CHECK:
		err = remover->check(runner->config, runner->handle, pairs, count);
		break;
	case BATCH_REMOVE:
		err = remover->remove(runner->config, runner->handle, pairs, count);
		break;
	default:
		err = remover->defer(runner->config, runner->handle, pairs, count);
		break;
	}
	if (err == 0)
		absence_end(runner->absence, &runner->is_away, handle_worked(runner->handle));
	return err;
}

static int reconnect(void *ctx) {
	struct batch_runner *runner = ctx;

	absence_begin(runner->absence, &runner->is_away, runner->handle);
	return handle_reopen(runner->handle, runner->reconnect_ms, absence_nap, runner->absence);
}

static bool broke(void *ctx) {
	const struct batch_runner *runner = ctx;

	return handle_broke_at_work(runner->handle);
}

static const char *last_error(void *ctx) {
	const struct batch_runner *runner = ctx;

	return handle_error(runner->handle);
}

static void say_why(struct batch_runner *runner, struct batch *batch) {
	const char *what = "";

	if (batch->error == -ETIMEDOUT)
		what = absence_is_hurried(runner->absence)
			? "the database was lost: "
			: "the database was lost and did not come back "
			  "within --database-patience: ";
	snprintf(
		batch->message, sizeof(batch->message), "%s%s", what, handle_error(runner->handle)
	);
}

static bool came_to_nothing(const struct batch *batch) {
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->pairs[i].out->finding.verdict != VERDICT_RETRY)
			return false;
	}
	return true;
}

// What the server refuses at once (it has no room, a table is locked) would be sent again at once,
// thousands of times a second.
static void rest(struct batch_runner *runner, const struct batch *batch) {
	if (batch->error < 0 || !came_to_nothing(batch)) {
		runner->rest_ms = 0;
		return;
	}
	runner->rest_ms = runner->rest_ms == 0 ? REST_FIRST_MS : 2 * runner->rest_ms;
	if (runner->rest_ms > REST_MOST_MS)
		runner->rest_ms = REST_MOST_MS;
	absence_nap(runner->absence, runner->rest_ms);
}

void batch_run(struct batch_runner *runner, struct batch *batch) {
	struct halving_call call = {
		.ctx = runner,
		.call = call_target,
		.reconnect = reconnect,
		.broke = broke,
		.error = last_error,
	};

	runner->kind = batch->kind;
	batch->error = halving_run(&call, batch->pairs, batch->count);
	if (batch->error < 0)
		say_why(runner, batch);
	absence_end(runner->absence, &runner->is_away, 0);
	rest(runner, batch);
}
