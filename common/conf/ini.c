// SPDX-License-Identifier: MPL-2.0
// ini: the lines of an INI file.
#include "common/conf/ini.h"

#include "common/base/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_BOUND = 4 * 1024 * 1024 };

struct reader {
	enum ini_manner manner;
	ini_take take;
	void *ctx;
	char *error;
	size_t error_bytes;
	struct ini_line line;
};

static char *trim(char *text) {
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r\v\f", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text + strspn(text, " \t\r\v\f");
}

static int refuse(struct reader *reader, const char *what) {
	snprintf(
		reader->error,
		reader->error_bytes,
		"%s line %zu: %s",
		reader->line.path,
		reader->line.number,
		what
	);
	return -EINVAL;
}

static int give(struct reader *reader, const char *key, const char *value) {
	reader->line.key = key;
	reader->line.value = value;
	reader->line.goes_on = false;
	return reader->take(reader->ctx, &reader->line, reader->error, reader->error_bytes);
}

static int read_section(struct reader *reader, char *text) {
	char *end = strchr(text, ']');

	if (end == NULL || *trim(end + 1) != '\0')
		return refuse(reader, "a section must end with ']', and nothing behind it");
	*end = '\0';
	reader->line.section = trim(text + 1);
	return give(reader, NULL, NULL);
}

static int go_on(struct reader *reader, const char *value) {
	reader->line.value = value;
	reader->line.goes_on = true;
	return reader->take(reader->ctx, &reader->line, reader->error, reader->error_bytes);
}

static int read_line(struct reader *reader, char *text) {
	char *start = trim(text);
	size_t len;

	if (*start == '\0' || *start == '#' || *start == ';')
		return 0;
	if (*start == '[')
		return read_section(reader, start);
	len = strcspn(start, "=");
	if (start[len] == '\0')
		return refuse(reader, "neither 'key = value', nor '[section]', nor a comment");
	start[len] = '\0';
	return give(reader, trim(start), trim(start + len + 1));
}

static bool is_plain(const char *key) {
	for (; *key != '\0'; key++) {
		if (*key < ' ' || *key > '~')
			return false;
	}
	return true;
}

static int read_foreign_section(struct reader *reader, char *text) {
	size_t len = strlen(text);

	if (len < 3 || text[len - 1] != ']')
		return refuse(reader, "a section must end with ']', and nothing behind it");
	text[len - 1] = '\0';
	reader->line.section = text + 1;
	return give(reader, NULL, NULL);
}

static int read_assignment(struct reader *reader, char *text) {
	size_t len = strcspn(text, "=:");
	char *key;

	if (text[len] == '\0')
		return refuse(reader, "neither 'key = value', nor '[section]', nor a comment");
	text[len] = '\0';
	key = trim(text);
	// What looks like a blank in it would be taken off by others.
	if (*key == '\0' || !is_plain(key))
		return refuse(reader, "the key has a character that no key has, or none at all");
	if (reader->line.section[0] == '\0')
		return refuse(reader, "a value before the first section");
	return give(reader, key, trim(text + len + 1));
}

// Others take some of these off at the ends of a line, and some not.
static bool has_control(const char *text) {
	for (; *text != '\0'; text++) {
		if ((*text > 0 && *text < ' ' && *text != '\t') || *text == 0x7F)
			return true;
	}
	return false;
}

// As oslo.config does.
static int read_foreign_line(struct reader *reader, char *text) {
	bool is_odd = has_control(text);
	char *start = trim(text);

	if (*start != '\0' && *text != '#' && *text != ';' && is_odd)
		return refuse(reader, "a control character");
	if (*start != '\0' && start != text && strchr(" \t", *text) != NULL) {
		if (reader->line.key == NULL)
			return refuse(reader, "begins with a blank, but goes on with no value");
		return go_on(reader, start);
	}
	reader->line.key = NULL;
	if (*start == '\0' || *start == '#' || *start == ';')
		return 0;
	return *start == '[' ? read_foreign_section(reader, start) : read_assignment(reader, start);
}

static int read_lines(struct reader *reader, char *text) {
	bool is_foreign = reader->manner == INI_FOREIGN;
	int err = 0;

	while (*text != '\0' && err == 0) {
		char *end = text + strcspn(text, is_foreign ? "\r\n" : "\n");
		char *next = end + (*end == '\0' ? 0 : strncmp(end, "\r\n", 2) == 0 ? 2 : 1);

		*end = '\0';
		reader->line.number++;
		err = is_foreign ? read_foreign_line(reader, text) : read_line(reader, text);
		text = next;
	}
	return err;
}

int ini_read(
	const char *path,
	enum ini_manner manner,
	ini_take take,
	void *ctx,
	char *error,
	size_t error_bytes
) {
	struct reader reader = {
		.manner = manner,
		.take = take,
		.ctx = ctx,
		.error = error,
		.error_bytes = error_bytes,
		.line = {.path = path, .section = ""},
	};
	static const char mark[] = "\xEF\xBB\xBF"; // that editors put before UTF-8
	struct whole_file file;
	int err = whole_file_read(&file, path, FILE_BYTES_BOUND);

	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		snprintf(error, error_bytes, "cannot read %s: %s", path, strerror(-err));
		return err;
	}
	if (strlen(file.text) != file.len) {
		snprintf(error, error_bytes, "%s is not text", path);
		err = -EINVAL;
	} else {
		bool has_mark = strncmp(file.text, mark, strlen(mark)) == 0;

		err = read_lines(&reader, file.text + (has_mark ? strlen(mark) : 0));
	}
	whole_file_free(&file);
	return err;
}
