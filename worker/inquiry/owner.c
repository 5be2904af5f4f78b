// SPDX-License-Identifier: MPL-2.0
// owner: whose are the topics now?
//
// Design notes
// - Topics that are made again may be of another database. So after a log began anew nothing is
//   taken until the owner of the source has looked whose they are.
// - A replay may have been dropped since its worker read what it is about, so it waits for a look
//   whenever it gets partitions. That is no trouble, however long it takes.
// - After a rebalance it is looked too, but nothing waits for that unless the group has nothing of
//   a partition that it gave: each record is judged by our own database.
#include "worker/inquiry/owner.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "worker/inquiry/inquiry.h"

#include <errno.h>
#include <stdlib.h>

enum { AGAIN_MS = 5000, LASTING_MS = 15 * 1000, TELL_MS = 60 * 1000 };

struct owner {
	struct inquiry *inquiry;
	struct member *member;
	bool is_doubted; // nothing is taken
	// Since when; INT64_MAX: nothing looks wrong.
	int64_t doubted_ms;
	bool is_wanted; // it is to be looked
	int64_t answered_ms;
	// the answer
	int err;
	char error[512];
};

static bool ask(void *ctx) {
	struct owner *owner = ctx;

	owner->err = owner->member->setup->look_whose(
		owner->member->setup->look_ctx, owner->error, sizeof(owner->error)
	);
	return true;
}

int owner_new(struct owner **out, struct member *member) {
	struct owner *owner = calloc(1, sizeof(*owner));
	int err;

	if (owner == NULL)
		return -ENOMEM;
	owner->member = member;
	err = inquiry_new(
		&owner->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = owner, .wake_fd = member->serve_fd}
	);
	if (err < 0) {
		free(owner);
		return err;
	}
	*out = owner;
	return 0;
}

void owner_free(struct owner *owner) {
	if (owner == NULL)
		return;
	inquiry_free(owner->inquiry);
	free(owner);
}

void owner_look(struct owner *owner) {
	if (owner != NULL)
		owner->is_wanted = true;
}

void owner_wait(struct owner *owner) {
	if (owner == NULL)
		return;
	if (!owner->is_doubted)
		owner->doubted_ms = INT64_MAX;
	owner->is_doubted = owner->is_wanted = true;
	owner->answered_ms = 0; // at once
}

void owner_doubt(struct owner *owner) {
	if (owner == NULL)
		return;
	owner_wait(owner);
	if (owner->doubted_ms == INT64_MAX)
		owner->doubted_ms = clock_mono_ms();
}

bool owner_is_doubted(const struct owner *owner) {
	return owner != NULL && owner->is_doubted;
}

bool owner_lasts(const struct owner *owner, int64_t now_ms) {
	return owner_is_doubted(owner) && owner->doubted_ms != INT64_MAX &&
		now_ms - owner->doubted_ms >= LASTING_MS;
}

static void on_answer(struct owner *owner) {
	struct member *member = owner->member;

	if (owner->err == -ESTALE) {
		member_fail(member, SOURCE_FAILED, owner->error);
	} else if (owner->err < 0) {
		owner->is_wanted = true;
		if (owner->is_doubted && log_is_due(member->setup->log, "whose topics", TELL_MS))
			LOG(member->setup->log,
			    LOG_LEVEL_WARNING,
			    member->setup->replay == NULL
				    ? "it cannot be seen of which database the topics are now; "
				      "nothing is taken until it can"
				    : "it cannot be seen whether the replay is still there, and of "
				      "which database the topics are; nothing is taken until it "
				      "can",
			    log_str("error", owner->error));
	} else if (!owner->is_wanted) {
		// Else it was doubted after the question.
		owner->is_doubted = false;
		wake_ring(member->take_fd);
	}
}

void owner_serve(struct owner *owner, int64_t now_ms) {
	if (owner == NULL)
		return;
	if (inquiry_take(owner->inquiry)) {
		owner->answered_ms = now_ms;
		on_answer(owner);
	}
	if (!owner->is_wanted || inquiry_is_out(owner->inquiry) || owner->member->stopped ||
	    (owner->answered_ms != 0 && now_ms - owner->answered_ms < AGAIN_MS))
		return;
	owner->is_wanted = false;
	inquiry_start(owner->inquiry);
}
