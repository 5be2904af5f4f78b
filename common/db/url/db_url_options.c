// SPDX-License-Identifier: MPL-2.0
// db_url_options: what the option file of a database URL (read_default_file) adds to it: TLS, and
// nothing else.
//
// Design notes: the drivers of Python differ in what they take from such a file. Here it is
// everything that protects, from each group that one of them reads; two different values are
// refused, and so is whatever may protect and is not understood.
#include "common/db/url/db_url_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/words.h"
#include "common/db/url/db_option_file.h"
#include "common/db/url/db_url_text.h"

#define REMEDY                                                                                     \
	": write what protects the connection into the URL (ssl_ca=...), and name "                \
	"read_default_file"                                                                        \
	" with --ignore-url-parameters"

struct options {
	struct db_url *url;
	struct db_url_query *query;
};

// Protects nothing, or is of the client programs alone.
static const char *const harmless[] = {
	"auto_rehash",
	"bind_address",
	"character_sets_dir",
	"compress",
	"connect_timeout",
	"database",
	"default_character_set",
	"local_infile",
	"max_allowed_packet",
	"net_buffer_length",
	"no_auto_rehash",
	"no_beep",
	"prompt",
	"quick",
	"quote_names",
	"safe_updates",
	"show_warnings",
};

static int fail(const struct db_option *option, const char *what, const struct words *note) {
	return words_say(
		note, -EINVAL, "%.200s line %zu: %s%s", option->path, option->line, what, REMEDY
	);
}

static int take_text(
	struct options *options, struct db_option *option, char **field, const struct words *note
) {
	struct db_url *url = options->url;
	char *copy;

	if (option->value == NULL || option->value[0] == '\0')
		return fail(option, "an ssl option without a value", note);
	// A comment for one reader is a part of the value for another.
	if (strpbrk(option->value, "\\'\"#") != NULL)
		return fail(option, "a '\\', '#' or quote in a value", note);
	if (*field != NULL && strcmp(*field, option->value) == 0)
		return 0;
	if (*field != NULL)
		return fail(option, "an ssl option that was given before with another value", note);
	copy = strdup(option->value);
	if (copy == NULL)
		return -ENOMEM;
	url->option_texts[url->option_text_count++] = copy;
	*field = copy;
	return 0;
}

static char **find_text(struct db_url_query *query, const char *name) {
	const struct {
		const char *name;
		char **field;
	} texts[] = {
		{"ssl_ca", &query->ca},
		{"ssl_capath", &query->capath},
		{"ssl_cert", &query->cert},
		{"ssl_cipher", &query->cipher},
		{"ssl_key", &query->key},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) == 0)
			return texts[i].field;
	}
	return NULL;
}

// Where to connect is what the URL says; what it leaves open the file would fill in.
static const char *find_gap(const struct options *options, const struct db_option *option) {
	const struct db_url *url = options->url;
	const char *value = option->value == NULL ? "" : option->value;
	bool has_host = url->has_host || options->query->unix_socket != NULL;

	if (strcmp(option->name, "host") == 0)
		return has_host ? "" : "the URL names no host, and the file does";
	if (strcmp(option->name, "socket") == 0)
		return has_host ? "" : "the URL names no host, and the file a socket";
	if (strcmp(option->name, "user") == 0)
		return url->user != NULL ? "" : "the URL names no user, and the file does";
	if (strcmp(option->name, "password") == 0)
		return url->password[0] != '\0' ? ""
						: "the URL has no password, and the file has one";
	if (strcmp(option->name, "port") == 0)
		return url->has_port || strcmp(value, "3306") == 0
			? ""
			: "the URL names no port, and the file does";
	return NULL;
}

static bool is_harmless(const char *name) {
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (strcmp(name, harmless[i]) == 0)
			return true;
	}
	return false;
}

static int refuse_unknown(const struct db_option *option, const struct words *note) {
	// What has no value may be the second line of a password.
	if (option->value == NULL || strlen(option->name) > 40 || !db_url_is_word(option->name))
		return fail(option, "is not understood and may protect the connection", note);
	return words_say(
		note,
		-EINVAL,
		"%.200s line %zu: '%s' is not understood and may protect the connection" REMEDY,
		option->path,
		option->line,
		option->name
	);
}

static bool is_off(const struct db_option *option, const char *name) {
	const char *rest = option->name;

	if (strncmp(rest, "skip_", 5) == 0)
		rest += 5;
	else if (strncmp(rest, "disable_", 8) == 0)
		rest += 8;
	return rest != option->name && option->value == NULL && strcmp(rest, name) == 0;
}

static int take_answer(
	struct options *options, struct db_option *option, const struct words *note
) {
	struct db_url_query *query = options->query;
	const char *value = option->value == NULL ? "1" : option->value;
	char label[300];

	snprintf(
		label,
		sizeof(label),
		"%.200s line %zu: %s",
		option->path,
		option->line,
		option->name
	);
	if (strcmp(option->name, "ssl") == 0)
		return db_url_read_answer(note, label, value, &query->ssl);
	if (is_off(option, "ssl"))
		return db_url_read_answer(note, label, "0", &query->ssl);
	if (strcmp(option->name, "ssl_mode") == 0)
		return db_url_read_mode(note, label, value, &query->mode);
	if (strcmp(option->name, "ssl_verify_server_cert") == 0)
		return db_url_read_answer(note, label, value, &query->verify_server);
	if (is_off(option, "ssl_verify_server_cert"))
		return db_url_read_answer(note, label, "0", &query->verify_server);
	return refuse_unknown(option, note);
}

static int take_option(void *ctx, struct db_option *option, const struct words *note) {
	struct options *options = ctx;
	char **text = find_text(options->query, option->name);
	const char *gap = find_gap(options, option);

	if (text != NULL)
		return take_text(options, option, text, note);
	if (gap != NULL)
		return gap[0] == '\0' ? 0 : fail(option, gap, note);
	return is_harmless(option->name) ? 0 : take_answer(options, option, note);
}

int db_url_read_options(struct db_url *url, struct db_url_query *query, const struct words *note) {
	struct options options = {url, query};

	if (query->option_file == NULL && query->option_group != NULL)
		return words_say(
			note, -EINVAL, "read_default_group without read_default_file" REMEDY
		);
	if (query->option_file == NULL)
		return 0;
	return db_option_file_read(
		query->option_file, query->option_group, take_option, &options, note
	);
}
