// SPDX-License-Identifier: MPL-2.0
// db_url_query: the query parameters of a database URL.
#include "common/db/url/db_url_query.h"

#include "common/base/words.h"
#include "common/db/url/db_url_options.h"
#include "common/db/url/db_url_text.h"
#include "common/db/url/db_url_tls.h"
#include "common/text/number.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define DB_URL_MAX_SECONDS (7L * 24 * 3600)

// KIND_IGNORED: means something to the drivers of Python, protects nothing, and says nothing that
// we do not do anyway.
enum db_url_kind { KIND_IGNORED, KIND_TEXT, KIND_SECONDS, KIND_ANSWER, KIND_MODE };

struct db_url_row {
	const char *name;
	enum db_url_kind kind;
	size_t offset; // in struct db_url_query
};

#define AT(field) offsetof(struct db_url_query, field)

static const struct db_url_row db_url_rows[] = {
	{"autocommit", KIND_IGNORED, 0},
	{"binary_prefix", KIND_IGNORED, 0},
	{"bind_address", KIND_IGNORED, 0},
	{"charset", KIND_IGNORED, 0}, // always utf8mb4
	{"compress", KIND_IGNORED, 0},
	{"connect_timeout", KIND_SECONDS, AT(connect_timeout_ms)},
	{"local_infile", KIND_IGNORED, 0}, // always off
	{"max_allowed_packet", KIND_IGNORED, 0},
	{"plugin", KIND_IGNORED, 0},
	{"program_name", KIND_IGNORED, 0},
	{"read_default_file", KIND_TEXT, AT(option_file)},
	{"read_default_group", KIND_TEXT, AT(option_group)},
	{"read_timeout", KIND_SECONDS, AT(read_timeout_ms)},
	{"sql_mode", KIND_IGNORED, 0}, // always TRADITIONAL
	{"ssl", KIND_ANSWER, AT(ssl)},
	{"ssl_ca", KIND_TEXT, AT(ca)},
	{"ssl_capath", KIND_TEXT, AT(capath)},
	{"ssl_cert", KIND_TEXT, AT(cert)},
	{"ssl_check_hostname", KIND_ANSWER, AT(verify_host)},
	{"ssl_cipher", KIND_TEXT, AT(cipher)},
	{"ssl_disabled", KIND_ANSWER, AT(disabled)},
	{"ssl_key", KIND_TEXT, AT(key)},
	{"ssl_mode", KIND_MODE, AT(mode)},
	{"ssl_verify", KIND_ANSWER, AT(verify_cert)},
	{"ssl_verify_cert", KIND_ANSWER, AT(verify_cert)},
	{"ssl_verify_identity", KIND_ANSWER, AT(verify_host)},
	{"unix_socket", KIND_TEXT, AT(unix_socket)},
	{"use_unicode", KIND_IGNORED, 0}, // always
	{"write_timeout", KIND_SECONDS, AT(write_timeout_ms)},
};

#define ROW_COUNT (sizeof(db_url_rows) / sizeof(db_url_rows[0]))

struct db_url_parser {
	const struct words *note;
	unsigned index; // of the parameter, from 1
	// One of them is, so that what stands around it may be a part of it.
	bool has_password;
	struct db_url_query query;
	bool seen[ROW_COUNT];
};

static int db_url_read_seconds(const char *value, int64_t *out_ms) {
	size_t len = strlen(value);
	int64_t seconds;

	if (len > 9 || number_parse(value, len, 1, DB_URL_MAX_SECONDS, &seconds) < 0)
		return -EINVAL;
	*out_ms = seconds * 1000;
	return 0;
}

static int db_url_read_value(
	struct db_url_parser *parser, const struct db_url_row *row, char *value
) {
	void *field = (char *)&parser->query + row->offset;
	int64_t ms = 0;

	switch (row->kind) {
	case KIND_IGNORED:
		// Else it may hold another parameter: `charset=utf8;ssl=true`.
		if (!db_url_is_word(value))
			return words_say(
				parser->note,
				-EINVAL,
				"%s is not a plain word; parameters stand apart by '&'",
				row->name
			);
		return 0;
	case KIND_TEXT:
		if (!value[0])
			return words_say(parser->note, -EINVAL, "%s is empty", row->name);
		*(char **)field = value;
		return 0;
	case KIND_SECONDS:
		if (db_url_read_seconds(value, &ms) < 0)
			return words_say(
				parser->note,
				-EINVAL,
				"%s is not a whole number of seconds from 1 to %ld",
				row->name,
				DB_URL_MAX_SECONDS
			);
		*(int64_t *)field = ms;
		return 0;
	case KIND_ANSWER:
		return db_url_read_answer(parser->note, row->name, value, field);
	case KIND_MODE:
		return db_url_read_mode(parser->note, row->name, value, field);
	}
	return -EINVAL;
}

// What looks like no name may be a part of something secret, and so may what stands beside a
// password.
static int db_url_refuse_unknown(
	const struct db_url_parser *parser, const char *name, bool has_value
) {
	if (parser->has_password)
		return words_say(
			parser->note,
			-EINVAL,
			"a password among the query parameters: write " DB_URL_FORM
			", percent-encoded"
		);
	if (!has_value || !db_url_is_word(name) || strlen(name) > 40)
		return words_say(
			parser->note,
			-EINVAL,
			"query parameter number %u is not known; they are written name=value and "
			"stand apart by '&' (in a value write '&' as %%26)",
			parser->index
		);
	return words_say(
		parser->note,
		-EINVAL,
		"unknown query parameter '%s', which may protect the connection: known are"
		" unix_socket, connect_timeout, read_timeout, write_timeout, ssl, ssl_mode, ssl_ca,"
		" ssl_capath, ssl_cert, ssl_key, ssl_cipher, ssl_verify_cert and"
		" ssl_check_hostname; if it is harmless, name it with --ignore-url-parameters",
		name
	);
}

static int db_url_read_parameter(struct db_url_parser *parser, char *name) {
	char *value = db_url_cut(name, '=');
	bool has_value = value != NULL;

	if (!has_value)
		value = name + strlen(name);
	if (db_url_unescape(name, true) < 0 || db_url_unescape(value, true) < 0)
		return words_say(parser->note, -EINVAL, "a NUL byte in a query parameter");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strcmp(name, db_url_rows[i].name) != 0)
			continue;
		if (parser->seen[i])
			return words_say(
				parser->note, -EINVAL, "query parameter %s is there twice", name
			);
		parser->seen[i] = true;
		return db_url_read_value(parser, &db_url_rows[i], value);
	}
	return db_url_refuse_unknown(parser, name, has_value);
}

static int db_url_read_parameters(struct db_url_parser *parser, char *query) {
	int ret = 0;

	if (query && strchr(query, ';'))
		return words_say(
			parser->note,
			-EINVAL,
			"a ';' among the query parameters: they stand apart by '&' (in a value "
			"write ';' as %%3B)"
		);
	parser->has_password = query && strstr(query, "passw");
	while (query && ret == 0) {
		char *next = db_url_cut(query, '&');

		parser->index++;
		if (query[0])
			ret = db_url_read_parameter(parser, query);
		query = next;
	}
	return ret;
}

// An option file can be left out when what it says is in the URL.
static bool db_url_is_understood(const char *name) {
	if (strncmp(name, "read_default_", 13) == 0)
		return false;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strcmp(name, db_url_rows[i].name) == 0)
			return db_url_rows[i].kind != KIND_IGNORED;
	}
	return false;
}

static bool db_url_is_among(const char *name, size_t len, char *const *names, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == len && strncmp(name, names[i], len) == 0)
			return true;
	}
	return false;
}

static void db_url_drop(char *text, char *const *names, size_t count) {
	char *query = strchr(text, '?');
	char *out = query;

	for (const char *in = query; in && *in;) {
		const char *name = in + 1;
		size_t len = strcspn(name, "&");

		in = name + len;
		if (db_url_is_among(name, strcspn(name, "=&"), names, count))
			continue;
		*out = out == query ? '?' : '&';
		memmove(out + 1, name, len);
		out += 1 + len;
	}
	if (out)
		explicit_bzero(out, strlen(out));
}

int db_url_ignore(char *text, char *const *names, size_t count, char *error, size_t error_bytes) {
	const struct words note = {.text = error, .bytes = error_bytes};
	int ret;

	if (error_bytes > 0)
		error[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (db_url_is_understood(names[i]))
			return words_say(
				&note,
				-EINVAL,
				"query parameter '%s' means something here and cannot be ignored:"
				" take it out of the URL",
				names[i]
			);
	}
	ret = db_url_check_shape(text, &note);
	if (ret == 0)
		db_url_drop(text, names, count);
	return ret;
}

int db_url_read_query(struct db_url *url, char *query, const struct words *note) {
	struct db_url_parser parser = {.note = note};
	int ret = db_url_read_parameters(&parser, query);

	if (ret == 0)
		ret = db_url_read_options(url, &parser.query, note);
	if (ret == 0)
		ret = db_url_settle_tls(&parser.query, &url->tls, note);
	if (ret < 0)
		return ret;
	url->unix_socket = parser.query.unix_socket;
	url->connect_timeout_ms = parser.query.connect_timeout_ms;
	url->read_timeout_ms = parser.query.read_timeout_ms;
	url->write_timeout_ms = parser.query.write_timeout_ms;
	return 0;
}
