// SPDX-License-Identifier: MPL-2.0
// db_url_query: what the files that read the query of a database URL share; others use
// common/db/url/db_url.h. Pure but for the option file. Thread: any.
#pragma once

#include "common/db/url/db_url.h"

enum db_url_answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO };

enum db_url_mode {
	MODE_NONE,
	MODE_DISABLED,
	MODE_REQUIRED,
	MODE_VERIFY_CA,
	MODE_VERIFY_IDENTITY,
};

// The query parameters, and what the option file adds to them, as they were written.
struct db_url_query {
	char *unix_socket;
	char *option_file, *option_group;
	int64_t connect_timeout_ms, read_timeout_ms, write_timeout_ms;
	char *ca, *capath, *cert, *key, *cipher;
	enum db_url_answer ssl, disabled, verify_cert, verify_host;
	enum db_url_mode mode;
	// Of the option file alone: what it means depends on the rest.
	enum db_url_answer verify_server;
};

// Reads the value of an answer or a mode into *out; a second one must be the same. 0 or -EINVAL
// with a note.
int db_url_read_answer(
	const struct db_url_note *note, const char *name, const char *value, enum db_url_answer *out
);
int db_url_read_mode(
	const struct db_url_note *note, const char *name, const char *value, enum db_url_mode *out
);

// Is it made of letters, digits and a few signs that part nothing?
bool db_url_is_word(const char *text);

// Adds what the option file says about TLS, if the query names one. 0, -ENOMEM, or -EINVAL with a
// note: it says something else, or what may protect the connection and is not understood.
int db_url_read_options(
	struct db_url *url, struct db_url_query *query, const struct db_url_note *note
);

// TLS that is asked for is verified in full unless the query says otherwise, ssl_mode=REQUIRED too.
// 0 or -EINVAL with a note.
int db_url_settle_tls(
	const struct db_url_query *query, struct db_tls *tls, const struct db_url_note *note
);
