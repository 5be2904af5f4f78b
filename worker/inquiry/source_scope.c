// SPDX-License-Identifier: MPL-2.0
// source_scope: whose are the topics now?
//
// Design notes
// - Topics that are made again may be of another database. So after a log began anew nothing is
//   taken until the owner of the source has looked whose they are.
// - After a rebalance it is looked too, but nothing waits for that unless the group has nothing of
//   a partition that it gave: each record is judged by our own database.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "worker/inquiry/inquiry.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <stdlib.h>

enum { AGAIN_MS = 5000, LASTING_MS = 15 * 1000, TELL_MS = 60 * 1000 };

struct source_scope {
	struct inquiry *inquiry;
	const struct source_setup *setup;
	bool is_doubted; // nothing is taken
	int64_t doubted_ms; // since when
	bool is_wanted; // it is to be looked
	int64_t answered_ms;
	// the answer
	int err;
	char error[512];
};

static bool ask(void *ctx) {
	struct source_scope *scope = ctx;

	scope->err = scope->setup->look_whose(
		scope->setup->look_ctx, scope->error, sizeof(scope->error)
	);
	return true;
}

int source_scope_new(struct source_scope **out, const struct source *source) {
	struct source_scope *scope = calloc(1, sizeof(*scope));
	int err;

	if (scope == NULL)
		return -ENOMEM;
	scope->setup = &source->setup;
	err = inquiry_new(
		&scope->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = scope, .wake_fd = source->serve_fd}
	);
	if (err < 0) {
		free(scope);
		return err;
	}
	*out = scope;
	return 0;
}

void source_scope_free(struct source_scope *scope) {
	if (scope == NULL)
		return;
	inquiry_free(scope->inquiry);
	free(scope);
}

void source_scope_look(struct source *source) {
	if (source->scope != NULL)
		source->scope->is_wanted = true;
}

void source_scope_doubt(struct source *source) {
	if (source->scope == NULL)
		return;
	if (!source->scope->is_doubted)
		source->scope->doubted_ms = clock_mono_ms();
	source->scope->is_doubted = source->scope->is_wanted = true;
	source->scope->answered_ms = 0; // at once
}

bool source_scope_is_doubted(const struct source *source) {
	return source->scope != NULL && source->scope->is_doubted;
}

bool source_scope_lasts(const struct source *source, int64_t now_ms) {
	return source_scope_is_doubted(source) && now_ms - source->scope->doubted_ms >= LASTING_MS;
}

static void on_answer(struct source *source) {
	struct source_scope *scope = source->scope;

	if (scope->err == -ESTALE) {
		source_fail(source, SOURCE_FAILED, scope->error);
	} else if (scope->err < 0) {
		scope->is_wanted = true;
		if (scope->is_doubted && log_is_due(source->setup.log, "whose topics", TELL_MS))
			LOG(source->setup.log,
			    LOG_LEVEL_WARNING,
			    "it cannot be seen of which database the topics are now; nothing is "
			    "taken until it can",
			    log_str("error", scope->error));
	} else if (!scope->is_wanted) {
		// Else it was doubted after the question.
		scope->is_doubted = false;
		wake_ring(source->take_fd);
	}
}

void source_scope_serve(struct source *source, int64_t now_ms) {
	struct source_scope *scope = source->scope;

	if (scope == NULL)
		return;
	if (inquiry_take(scope->inquiry)) {
		scope->answered_ms = now_ms;
		on_answer(source);
	}
	if (!scope->is_wanted || inquiry_is_out(scope->inquiry) || source->stopped ||
	    (scope->answered_ms != 0 && now_ms - scope->answered_ms < AGAIN_MS))
		return;
	scope->is_wanted = false;
	inquiry_start(scope->inquiry);
}
