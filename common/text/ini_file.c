// SPDX-License-Identifier: MPL-2.0
// ini_file: an INI file, whose lines are handed out one at a time.
#include "common/text/ini_file.h"

#include "common/base/whole_file.h"
#include "common/text/ini.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_BOUND = 4 * 1024 * 1024 };

#define BLANKS " \t\r\v\f"

static const char section_fault[] = "a section must end with ']', and nothing behind it";

static const struct ini_manner manners[] = {
	[INI_FILE_OWN] = {.blanks = BLANKS, .section_fault = section_fault},
	[INI_FILE_OSLO] = {.blanks = BLANKS, .section_fault = section_fault, .is_oslo = true},
};

struct reader {
	const char *path;
	ini_take take;
	void *ctx;
	char *error;
	size_t error_bytes;
	struct ini ini;
};

static int refuse(const struct reader *reader, const char *fault) {
	snprintf(
		reader->error,
		reader->error_bytes,
		"%s line %zu: %s",
		reader->path,
		reader->ini.line,
		fault
	);
	return -EINVAL;
}

static int give(const struct reader *reader, enum ini_kind kind) {
	const struct ini *ini = &reader->ini;
	const struct ini_line line = {
		.path = reader->path,
		.number = ini->line,
		.section = ini->section,
		.key = kind == INI_SECTION ? NULL : ini->key,
		.value = kind == INI_SECTION ? NULL : ini->value,
		.goes_on = kind == INI_MORE,
	};

	if (kind == INI_FAULT)
		return refuse(reader, ini->fault);
	if (kind == INI_SECTION && !ini->manner->is_oslo && strchr(ini->section, ']') != NULL)
		return refuse(reader, section_fault);
	return reader->take(reader->ctx, &line, reader->error, reader->error_bytes);
}

static int read_lines(struct reader *reader) {
	enum ini_kind kind;
	int err = 0;

	while (err == 0 && (kind = ini_next(&reader->ini)) != INI_END)
		err = give(reader, kind);
	return err;
}

int ini_file_read(
	const char *path,
	enum ini_file_kind kind,
	ini_take take,
	void *ctx,
	char *error,
	size_t error_bytes
) {
	struct reader reader = {.path = path, .take = take, .ctx = ctx, .error_bytes = error_bytes};
	struct whole_file file;
	int err = whole_file_read(&file, path, FILE_BYTES_BOUND);

	reader.error = error;
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
		ini_begin(&reader.ini, &manners[kind], file.text, file.len);
		err = read_lines(&reader);
	}
	whole_file_free(&file);
	return err;
}
