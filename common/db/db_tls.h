// SPDX-License-Identifier: MPL-2.0
// db_tls: TLS of a database connection. The client libraries of MariaDB and of MySQL differ here
// and nowhere else.
//
// Internal to db. Thread: the handle's.
#pragma once

#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>

struct db_tls;
struct db_url;

// Sets the options before the handle connects. 0 or -EINVAL: the library refuses one.
int db_tls_set(MYSQL *handle, const struct db_tls *tls);

// What this client library cannot promise of the URL's TLS, so that it must not connect; NULL:
// nothing.
const char *db_tls_gap(const struct db_url *url);

// The file of TLS that cannot be read, as "ssl_ca=FILE: why", into `words`. False: all can.
bool db_tls_lacks_file(const struct db_tls *tls, char *words, size_t words_bytes);

// Asks the connected handle what its TLS lacks of what was asked for; NULL: nothing.
const char *db_tls_fault(MYSQL *handle, const struct db_tls *tls);

// Why this library may have refused a certificate that the URL allows; NULL: no idea.
const char *db_tls_hint(const struct db_tls *tls);
