// SPDX-License-Identifier: MPL-2.0
// db_try: whether the server lets a statement through. Thread: the connection's; blocks.
#pragma once

#include <stdbool.h>

struct db;

// Runs a statement that changes no row. With `only_plan` the server plans it and does not run it:
// it wants the same privileges for the plan. 0; -ENOMEM or -EMSGSIZE; or an error of db.h, about
// which db_error has words.
int db_try(struct db *db, const char *sql, bool only_plan);
