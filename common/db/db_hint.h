// SPDX-License-Identifier: MPL-2.0
// db_hint: what an operator can do about a connection that failed. Internal to db. Pure.
// Thread: any.
#pragma once

#include <stddef.h>

struct db_url;

// A remedy for the error number that the connection failed with; NULL: none. `tls_hint` is what
// db_tls_hint says.
const char *db_hint(unsigned number, const struct db_url *url, const char *tls_hint);

struct db_failure {
	unsigned number;
	const char *words; // the server's
	const char *tls_hint;
};
// Where it was, what the server said, and what can be done about it.
void db_hint_say(
	const struct db_failure *failure, const struct db_url *url, char *out, size_t out_bytes
);
