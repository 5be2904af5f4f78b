// SPDX-License-Identifier: MPL-2.0
// db_url: reads a database URL as SQLAlchemy does.
//
// Design notes: everything is cut and unescaped in place, in one copy of the text that is wiped at
// the end. A character that was not escaped can make a part of the password look like another part
// of the URL, so no message repeats any of it but the scheme and the name of a query parameter, and
// those only after the check that no '@' follows the host; what looks like no name is not repeated.
#include "common/db/url/db_url.h"

#include "common/base/words.h"
#include "common/db/url/db_url_query.h"
#include "common/db/url/db_url_text.h"
#include "common/text/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DB_URL_PORT 3306

static const char *const db_url_schemes[] = {
	"mariadb",
	"mariadb+pymysql",
	"mysql",
	"mysql+asyncmy",
	"mysql+cymysql",
	"mysql+mysqlconnector",
	"mysql+mysqldb",
	"mysql+pymysql",
};

static int db_url_read_scheme(const struct words *note, char **rest) {
	const char *known = "mysql, mysql+pymysql, mysql+mysqldb or mariadb";
	char *scheme = *rest;
	size_t len = strspn(
		scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."
	);

	if (len == 0 || strncmp(scheme + len, "://", 3) != 0)
		return words_say(note, -EINVAL, "not a database URL: write " DB_URL_FORM);
	scheme[len] = '\0';
	*rest = scheme + len + 3;
	for (size_t i = 0; i < sizeof(db_url_schemes) / sizeof(db_url_schemes[0]); i++) {
		if (strcasecmp(scheme, db_url_schemes[i]) == 0)
			return 0;
	}
	return words_say(
		note,
		-EINVAL,
		"no database of the kind '%.32s': the URL begins with %s",
		scheme,
		known
	);
}

static int db_url_read_user(struct db_url *url, char *user, const struct words *note) {
	char *password = db_url_cut(user, ':');

	if (db_url_unescape(user, false) < 0 || (password && db_url_unescape(password, false) < 0))
		return words_say(note, -EINVAL, "a NUL byte in the user or the password");
	if (user[0])
		url->user = user;
	if (password)
		url->password = password;
	return 0;
}

// The client libraries read more than a name into a host (lists, whole connection strings).
static bool db_url_is_host(const char *host) {
	return host[strspn(
		       host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%"
	       )] == '\0';
}

static int db_url_read_port(struct db_url *url, const char *text, const struct words *note) {
	size_t len = strlen(text);
	int64_t port;

	if (len > 5 || number_parse(text, len, 1, UINT16_MAX, &port) < 0)
		return words_say(
			note,
			-EINVAL,
			"the port is not a number from 1 to 65535; in the password write"
			" '@' as %%40, ':' as %%3A, '/' as %%2F and '?' as %%3F"
		);
	url->port = (unsigned)port;
	url->has_port = true;
	return 0;
}

static int db_url_read_host(struct db_url *url, char *host, const struct words *note) {
	char *port;

	if (host[0] == '[') {
		port = db_url_cut(++host, ']');
		if (!port || (port[0] != '\0' && port[0] != ':'))
			return words_say(
				note,
				-EINVAL,
				"the ']' of the host, or the ':' of the port after it, is missing"
			);
		if (port[0] == ':')
			port++;
	} else {
		port = db_url_cut(host, ':');
	}
	if (db_url_unescape(host, false) < 0 || !db_url_is_host(host))
		return words_say(note, -EINVAL, "the host has a character that no host has");
	url->has_host = host[0] != '\0';
	if (url->has_host)
		url->host = host;
	return port && port[0] ? db_url_read_port(url, port, note) : 0;
}

static int db_url_read_database(struct db_url *url, char *database, const struct words *note) {
	if (!database || !database[0])
		return words_say(note, -EINVAL, "no database: write " DB_URL_FORM);
	if (strchr(database, '/'))
		return words_say(note, -EINVAL, "a '/' in the database's name: write " DB_URL_FORM);
	if (strpbrk(database, ";&=#"))
		return words_say(
			note,
			-EINVAL,
			"a ';', '&', '=' or '#' in the database's name: parameters follow a '?'"
			" and stand apart by '&' (in a name write ';' as %%3B, '&' as %%26, '=' as"
			" %%3D, '#' as %%23)"
		);
	if (db_url_unescape(database, false) < 0)
		return words_say(note, -EINVAL, "a NUL byte in the database's name");
	url->database = database;
	return 0;
}

static int db_url_read(struct db_url *url, const struct words *note) {
	char *authority = url->memory;
	char *query, *database, *host;
	int ret = db_url_check_shape(url->memory, note);

	if (ret == 0)
		ret = db_url_read_scheme(note, &authority);
	if (ret < 0)
		return ret;
	query = db_url_cut(authority, '?');
	database = db_url_cut(authority, '/');
	host = strrchr(authority, '@');
	if (host)
		*host++ = '\0';
	if (host)
		ret = db_url_read_user(url, authority, note);
	if (ret == 0)
		ret = db_url_read_host(url, host ? host : authority, note);
	if (ret == 0)
		ret = db_url_read_database(url, database, note);
	if (ret == 0)
		ret = db_url_read_query(url, query, note);
	return ret;
}

int db_url_check(const char *text, char *error, size_t error_bytes) {
	const struct words note = {.text = error, .bytes = error_bytes};

	if (error_bytes > 0)
		error[0] = '\0';
	return db_url_check_shape(text, &note);
}

int db_url_parse(struct db_url **out, const char *text, char *error, size_t error_bytes) {
	const struct words note = {.text = error, .bytes = error_bytes};
	struct db_url *url = calloc(1, sizeof(*url));
	int ret = -ENOMEM;

	if (error_bytes > 0)
		error[0] = '\0';
	words_say(&note, -EINVAL, "out of memory");
	if (!url)
		goto out;
	url->memory_bytes = strlen(text) + 1;
	url->memory = malloc(url->memory_bytes);
	if (!url->memory)
		goto out;
	memcpy(url->memory, text, url->memory_bytes);
	url->password = "";
	url->host = "localhost";
	url->port = DB_URL_PORT;
	ret = db_url_read(url, &note);
	if (ret < 0)
		goto out;
	*out = url;
	url = NULL;
out:
	db_url_free(url);
	return ret;
}

void db_url_free(struct db_url *url) {
	if (!url)
		return;
	if (url->memory)
		explicit_bzero(url->memory, url->memory_bytes);
	free(url->memory);
	for (size_t i = 0; i < url->option_text_count; i++)
		free(url->option_texts[i]);
	free(url);
}

const char *db_url_host(const struct db_url *url) {
	return url->unix_socket ? url->unix_socket : url->host;
}

const char *db_url_database(const struct db_url *url) {
	return url->database;
}

static bool db_url_is_local(const struct db_url *url) {
	const char *host = url->host;
	bool is_loopback = strncmp(host, "127.", 4) == 0 &&
		host[strspn(host, "0123456789.")] == '\0';

	return url->unix_socket || is_loopback || strcmp(host, "::1") == 0 ||
		strcasecmp(host, "localhost") == 0;
}

const char *db_url_caution(const struct db_url *url) {
	if (url->tls.use != DB_TLS_UNSAID || db_url_is_local(url))
		return NULL;
	return "the connection to the database is not encrypted and its server not verified: add "
	       "ssl_ca=FILE or ssl=true to the URL, or ssl_mode=DISABLED if that is meant";
}
