// SPDX-License-Identifier: MPL-2.0
// ini_file: an INI file, whose lines are handed out one at a time. Blocks. Thread: main, before
// others start.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ini_line {
	const char *path;
	size_t number; // of the line
	const char *section; // "" before the first
	const char *key; // NULL: the section begins
	const char *value;
	// In files of oslo.config: the value goes on with this line.
	bool goes_on;
};

// 0, or a negative errno that ends the reading, with words in `error`.
typedef int (*ini_take)(void *ctx, const struct ini_line *line, char *error, size_t error_bytes);

enum ini_file_kind {
	// Our own: every line must be understood.
	INI_FILE_OWN,
	// As oslo.config reads.
	INI_FILE_OSLO,
};

// Reads a file. Returns 0, what `take` returned, -EINVAL or -errno of the file with words in
// `error`, -ENOMEM. Values may be secret: the memory is wiped.
int ini_file_read(
	const char *path,
	enum ini_file_kind kind,
	ini_take take,
	void *ctx,
	char *error,
	size_t error_bytes
);
