// SPDX-License-Identifier: MPL-2.0
// db_options: what a connection is told before it connects. Internal to db. Thread: the handle's.
#pragma once

#include <mysql.h>
#include <stdint.h>

#include "common/db/db.h"

struct db_url;

// What the libraries and the servers want for a time: whole seconds, at least 1.
unsigned db_options_seconds(int64_t ms);
// The program's limits, but what the URL says goes before them.
struct db_limits db_options_limits(const struct db_url *url, const struct db_limits *limits);
// Sets them, TLS too. 0; -EINVAL: the library refuses one, and its handle knows why.
int db_options_set(MYSQL *handle, const struct db_url *url, const struct db_limits *limits);
