// SPDX-License-Identifier: MPL-2.0
// db_error: what an error number of the server or of its client library means to us.
//
// Internal to db. Pure. Thread: any.
#pragma once

#include <stdbool.h>

// Returns 0 for 0, else the negative errno that common/db/db.h lists.
int db_error_class(unsigned number);
// A lock was waited for in vain, or not at all.
bool db_error_is_lock_wait(unsigned number);
// Of a number that means -ENOTCONN: the connection broke under a statement, which may be what broke
// it. Else the server said itself that it does not serve, or connecting failed.
bool db_error_is_break(unsigned number);
// Of a number of connecting: the server has no more connections for us, or for anybody; it is not
// away.
bool db_error_is_limit(unsigned number);
