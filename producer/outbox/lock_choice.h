// SPDX-License-Identifier: MPL-2.0
// lock_choice: which kind of lock a target's scanner has, by the kind of the target's handle.
// Thread: main.
#pragma once

#include <stdbool.h>

struct lock;
struct target;

// Opens nothing. `location` is the target's; `is_alone` as lock_db_new. 0, -EINVAL, -ENOMEM;
// -ENOTSUP: the target has no place where a lock could be.
int lock_choice_new(
	struct lock **out, const struct target *target, const char *location, bool is_alone
);
