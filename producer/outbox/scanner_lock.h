// SPDX-License-Identifier: MPL-2.0
// scanner_lock: one scanner at a time: an advisory lock on the primary, held by a connection of its
// own from the first pass on, between passes too. Lost with that connection, and 15 seconds after
// this process went silent (frozen, or its machine is gone). Thread: scan; the lock's own thread
// only keeps it.
#pragma once

#include <stdbool.h>

struct scanner_lock; // opaque

// Opens nothing. `location` is a database URL. `is_alone`: the operator promises that a lock is
// enough which is only one node's, as on Galera. 0, -EINVAL, -ENOMEM.
int scanner_lock_new(
	struct scanner_lock **out, const char *location, const char *target, bool is_alone
);
// Gives it back; may block for 10 s; NULL is fine.
void scanner_lock_free(struct scanner_lock *lock);

// Takes it, or makes sure that it is still held. 0; -EBUSY: another process has it; -ENOTCONN: this
// is not the primary, or there is no connection; -ENOLCK: on a Galera cluster, without the promise;
// other errors as common/db/db.h. Words in scanner_lock_error.
int scanner_lock_take(struct scanner_lock *lock);
// Is it still held? 0; -ESTALE: no, and then it counts as given back.
int scanner_lock_verify(struct scanner_lock *lock);
const char *scanner_lock_error(const struct scanner_lock *lock);
