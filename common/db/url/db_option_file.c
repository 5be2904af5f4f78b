// SPDX-License-Identifier: MPL-2.0
// db_option_file: the lines of an option file.
#include "common/db/url/db_option_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/whole_file.h"
#include "common/base/words.h"

enum { FILE_BYTES_BOUND = 1024 * 1024, FILES_MAX = 64 };

struct option_reader {
	const char *group;
	db_option_take take;
	void *ctx;
	const struct words *note;
	char *paths[FILES_MAX]; // read, or to be read
	size_t path_count;
};

struct option_place {
	const char *path;
	size_t line;
	bool counts; // the group is one of ours
};

static char *trim(char *text) {
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int refuse(
	const struct option_reader *reader, const struct option_place *place, const char *what
) {
	return words_say(
		reader->note, -EINVAL, "%.200s line %zu: %s", place->path, place->line, what
	);
}

static int is_cnf(const struct dirent *entry) {
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".cnf") == 0;
}

static int compare(const struct dirent **a, const struct dirent **b) {
	return strcmp((*a)->d_name, (*b)->d_name);
}

// The order of files does not matter, as two values for one thing are refused; what is included
// twice is read once.
static int add_file(struct option_reader *reader, const char *path) {
	for (size_t i = 0; i < reader->path_count; i++) {
		if (strcmp(reader->paths[i], path) == 0)
			return 0;
	}
	if (reader->path_count == FILES_MAX)
		return words_say(
			reader->note,
			-EINVAL,
			"the option file includes more than %d others",
			FILES_MAX - 1
		);
	reader->paths[reader->path_count] = strdup(path);
	return reader->paths[reader->path_count++] == NULL ? -ENOMEM : 0;
}

static int add_dir(struct option_reader *reader, const char *dir) {
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_cnf, compare);
	char path[PATH_MAX];
	int err = 0;

	if (count < 0)
		err = words_say(
			reader->note,
			-EINVAL,
			"cannot read the directory %.200s of an option file",
			dir
		);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (err == 0)
			err = add_file(reader, path);
		free(entries[i]);
	}
	free(entries);
	return err;
}

static int read_include(
	struct option_reader *reader, const struct option_place *place, char *directive
) {
	size_t len = strcspn(directive, " \t");
	char *path = trim(directive + len);

	if (strncmp(directive, "!includedir", len) == 0 && len == strlen("!includedir") && *path)
		return add_dir(reader, path);
	if (strncmp(directive, "!include", len) == 0 && len == strlen("!include") && *path)
		return add_file(reader, path);
	return refuse(reader, place, "neither !include FILE nor !includedir DIRECTORY");
}

static bool is_ours(const struct option_reader *reader, const char *group) {
	static const char *const groups[] = {"client", "client-server", "client-mariadb"};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (strcmp(group, groups[i]) == 0)
			return true;
	}
	return reader->group != NULL && strcmp(group, reader->group) == 0;
}

static int read_group(struct option_reader *reader, struct option_place *place, char *text) {
	char *end = strchr(text, ']');

	if (end == NULL)
		return refuse(reader, place, "a group must end with ']'");
	*end = '\0';
	place->counts = is_ours(reader, trim(text + 1));
	return 0;
}

static char *take_quotes_off(char *value) {
	size_t len = strlen(value);

	if (len < 2 || value[0] != value[len - 1] || (value[0] != '\'' && value[0] != '"'))
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

static int read_option(struct option_reader *reader, const struct option_place *place, char *text) {
	struct db_option option = {place->path, place->line, text, strchr(text, '=')};

	if (option.value != NULL) {
		*option.value++ = '\0';
		option.value = take_quotes_off(trim(option.value));
	}
	option.name = trim(text);
	for (char *c = option.name; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '_' : tolower((unsigned char)*c));
	return reader->take(reader->ctx, &option, reader->note);
}

static int read_line(struct option_reader *reader, struct option_place *place, char *line) {
	char *text = trim(line);

	if (*text == '\0' || *text == '#' || *text == ';')
		return 0;
	if (*text == '!')
		return read_include(reader, place, text);
	if (*text == '[')
		return read_group(reader, place, text);
	return place->counts ? read_option(reader, place, text) : 0;
}

static int read_lines(struct option_reader *reader, const char *path, char *text) {
	struct option_place place = {.path = path};
	int err = 0;

	while (*text != '\0' && err == 0) {
		char *end = text + strcspn(text, "\r\n");
		char *next = end + (*end == '\0' ? 0 : strncmp(end, "\r\n", 2) == 0 ? 2 : 1);

		*end = '\0';
		place.line++;
		err = read_line(reader, &place, text);
		text = next;
	}
	return err;
}

static int read_file(struct option_reader *reader, const char *path) {
	struct whole_file file;
	int err = whole_file_read(&file, path, FILE_BYTES_BOUND);

	if (err == -ENOMEM)
		return err;
	if (err == 0 && strlen(file.text) != file.len)
		err = -EILSEQ;
	if (err < 0)
		err = words_say(
			reader->note,
			-EINVAL,
			"cannot read the option file %.200s: %s",
			path,
			strerror(-err)
		);
	else
		err = read_lines(reader, path, file.text);
	whole_file_free(&file);
	return err;
}

int db_option_file_read(
	const char *path,
	const char *group,
	db_option_take take,
	void *ctx,
	const struct words *note
) {
	struct option_reader reader = {.group = group, .take = take, .ctx = ctx, .note = note};
	int err = add_file(&reader, path);

	for (size_t i = 0; i < reader.path_count && err == 0; i++)
		err = read_file(&reader, reader.paths[i]);
	for (size_t i = 0; i < reader.path_count; i++)
		free(reader.paths[i]);
	return err;
}
