// SPDX-License-Identifier: MPL-2.0
// db_url_answer: what a database URL says: its parameters as they were written, and all of it as it
// is understood. Pure.
// Thread: any.
#pragma once

#include "common/db/url/db_url_text.h"

#include <stdint.h>

enum db_url_answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO };

enum db_url_mode {
	MODE_NONE,
	MODE_DISABLED,
	MODE_REQUIRED,
	MODE_VERIFY_CA,
	MODE_VERIFY_IDENTITY,
};

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

enum { DB_URL_OPTION_TEXTS = 5 };

struct db_url {
	char *memory; // holds every string below
	size_t memory_bytes;
	// What tls has of the option file.
	char *option_texts[DB_URL_OPTION_TEXTS];
	size_t option_text_count;
	bool has_host; // in its text
	bool has_port;
	// NULL: the name of the process's user.
	const char *user;
	const char *password; // never NULL
	const char *host; // never NULL
	const char *database; // never NULL
	const char *unix_socket; // NULL: TCP
	unsigned port;
	// These three: 0 when the URL does not say.
	int64_t connect_timeout_ms;
	int64_t read_timeout_ms;
	int64_t write_timeout_ms;
	struct db_tls tls;
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
	const struct words *note, const char *name, const char *value, enum db_url_answer *out
);
int db_url_read_mode(
	const struct words *note, const char *name, const char *value, enum db_url_mode *out
);
