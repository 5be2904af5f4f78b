// SPDX-License-Identifier: MPL-2.0
// lock_choice: which kind of lock a target's scanner has, by the kind of the target's handle.
// Thread: main.
#pragma once

#include <stdbool.h>

struct lock;
struct target;

struct lock_wish {
	const struct target *target;
	const char *location; // the target's
	bool is_alone; // as lock_db_new
	// Of a database that has the lock of a target that has none; NULL: the target's own place.
	const char *url;
	// Whose lock it is there, of all that are kept in that database.
	const char *owner;
};

// Opens nothing. 0, -EINVAL (also for a URL where the target has a database, or each host a
// directory of its own), -ENOMEM; -ENOTSUP:
// the target has no place where a lock could be.
int lock_choice_new(struct lock **out, const struct lock_wish *wish);
