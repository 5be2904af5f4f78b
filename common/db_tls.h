// SPDX-License-Identifier: MPL-2.0
// db_tls: TLS of a database connection. The client libraries of MariaDB and of MySQL differ here and nowhere else.
//
// Internal to db. Thread: the handle's.
#pragma once

#include <mysql.h>

struct db_tls;

// Sets the options before the handle connects. 0 or -EINVAL: the library refuses one.
int db_tls_set(MYSQL *handle, const struct db_tls *tls);

// Asks the connected handle. 0, or -EACCES: TLS was asked for and the connection has none.
int db_tls_check(MYSQL *handle, const struct db_tls *tls);
