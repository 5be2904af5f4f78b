// SPDX-License-Identifier: MPL-2.0
// db_url: what a database URL says, for the files of db alone. Others use the functions in
// common/db/db.h.
//
// Pure but for the option file that a URL may name. Owner: whoever parsed it; the strings live as
// long as the struct. Thread: any, after parsing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DB_URL_FORM "mysql://user:password@host:3306/database"

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

// Where the words about what is wrong go.
struct db_url_note {
	char *text;
	size_t bytes;
};

// Writes the note and returns -EINVAL.
int db_url_fail(const struct db_url_note *note, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// In place. A '%' that begins no escape stays as it is, as in Python. -EINVAL: a NUL byte.
int db_url_unescape(char *text, bool plus_is_space);

// Cuts `text` at the first `stop` and returns what follows it; NULL when there is none.
char *db_url_cut(char *text, char stop);

// Is the text of a URL cut where its writer meant it? 0 or -EINVAL with a note. Nothing may be cut
// before this.
int db_url_check_shape(const char *text, const struct db_url_note *note);

// Cuts `query` (NULL: none) into its parameters and takes them over. 0 or -EINVAL with a note.
int db_url_read_query(struct db_url *url, char *query, const struct db_url_note *note);
