// SPDX-License-Identifier: MPL-2.0
// db_url_tls: what the ssl parameters of a database URL mean together. Pure. Thread: any.
#pragma once

#include "common/db/url/db_url_answer.h"

enum db_tls_use {
	// The URL does not speak of TLS: whatever the client library does by itself.
	DB_TLS_UNSAID,
	DB_TLS_OFF,
	DB_TLS_ON, // or no connection at all
};

struct db_tls {
	enum db_tls_use use;
	// The server's certificate must be signed by `ca`, or by one the system trusts.
	bool verify_cert;
	// And be made out to the host's name.
	bool verify_host;
	const char *ca, *capath, *cert, *key, *cipher; // each may be NULL
};

// TLS that is asked for is verified in full unless the query says otherwise, ssl_mode=REQUIRED too.
// 0 or -EINVAL with a note.
int db_url_settle_tls(
	const struct db_url_query *query, struct db_tls *tls, const struct db_url_note *note
);
