// SPDX-License-Identifier: MPL-2.0
// db_url_answer: what the parameters of a database URL say, as they were written. Pure.
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
