// SPDX-License-Identifier: MPL-2.0
// db_result: the rows of a SELECT, for the files of db alone. Others use the functions in
// common/db/db.h.
//
// Thread: the handle's.
#pragma once

#include <mysql.h>

struct db_result;

// Takes `stored` over, also when it returns NULL: out of memory.
struct db_result *db_result_new(MYSQL_RES *stored);
