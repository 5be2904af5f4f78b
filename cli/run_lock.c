// SPDX-License-Identifier: MPL-2.0
// run_lock: one `run` at a time works on a directory.
#include "cli/run_lock.h"

#include "common/handle.h"
#include "common/target/pass.h"
#include "common/target/target.h"
#include "producer/outbox/lock.h"
#include "producer/outbox/lock_choice.h"

#include <stdio.h>

static int take(void *ctx, struct handle *handle, struct pass *pass) {
	struct run_lock *run_lock = ctx;
	struct lock *lock = run_lock->lock;
	int err = lock->ops->take(lock);

	(void)handle;
	if (err < 0)
		snprintf(
			pass->facts.error, sizeof(pass->facts.error), "%s", lock->ops->error(lock)
		);
	return err;
}

int run_lock_open(
	struct run_lock *lock, const struct target *target, const char *location, bool dryrun
) {
	if (target->handle_kind != HANDLE_DIR || dryrun)
		return 0;
	return lock_choice_new(
		&lock->lock, &(struct lock_wish){.target = target, .location = location}
	);
}

struct producer_hooks run_lock_hooks(struct run_lock *lock) {
	struct producer_hooks hooks = {.ctx = lock};

	if (lock->lock != NULL)
		hooks.begin = take;
	return hooks;
}

void run_lock_close(struct run_lock *lock) {
	if (lock->lock != NULL)
		lock->lock->ops->free(lock->lock);
	lock->lock = NULL;
}
