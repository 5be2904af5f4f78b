// SPDX-License-Identifier: MPL-2.0
// db_hint: what an operator can do about a connection that failed. Internal to db. Pure.
// Thread: any.
#pragma once

struct db_url;

// A remedy for the error number that the connection failed with; NULL: none. `tls_hint` is what
// db_tls_hint says.
const char *db_hint(unsigned number, const struct db_url *url, const char *tls_hint);
