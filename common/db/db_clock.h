// SPDX-License-Identifier: MPL-2.0
// db_clock: is the database's clock the same as ours? What is old by the wrong clock may be young.
// Thread: the one that has the handle.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct db;

// 0; -ERANGE: the clocks are more than most_ms apart; or an error of db_select. Words in `error`.
int db_clock_check(struct db *db, int64_t most_ms, char *error, size_t error_bytes);
