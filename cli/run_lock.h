// SPDX-License-Identifier: MPL-2.0
// run_lock: one `run` at a time works on a directory. Databases lock their rows; a directory has
// nothing of the kind. Thread: main, but what its hooks do: scan.
#pragma once

#include "producer/producer.h"

#include <stdbool.h>

struct lock;
struct target;

struct run_lock { // zero it before use
	struct lock *lock; // NULL: none is wanted
};

// 0, -ENOMEM. A dry run locks nothing, for it changes nothing.
int run_lock_open(
	struct run_lock *lock, const struct target *target, const char *location, bool dryrun
);
// Takes the lock when the first pass begins, and keeps it.
struct producer_hooks run_lock_hooks(struct run_lock *lock);
void run_lock_close(struct run_lock *lock); // a zeroed one is fine
