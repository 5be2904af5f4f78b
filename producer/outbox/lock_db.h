// SPDX-License-Identifier: MPL-2.0
// lock_db: the scanner's lock as an advisory lock on the primary of a database. It is held by a
// connection of its own from the first pass on, between passes too. It is lost with that
// connection, and 15 seconds after this process went silent (frozen, or its machine is gone).
// Thread: scan; the lock's own thread only keeps it.
#pragma once

#include "producer/outbox/lock.h"

#include <stdbool.h>

// Opens nothing. `location` is a database URL, `target` the name of the lock there. `is_alone`: the
// operator promises that a lock is enough which is only one node's, as on Galera. 0, -EINVAL,
// -ENOMEM.
//
// Its `take` says -ENOTCONN: this is not the primary, or there is no connection; -ENOLCK: on a
// Galera cluster, without the promise; other errors as common/db/db.h.
int lock_db_new(struct lock **out, const char *location, const char *target, bool is_alone);
