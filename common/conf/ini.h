// SPDX-License-Identifier: MPL-2.0
// ini: the lines of an INI file, handed out one at a time. Thread: main, before others start.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ini_line {
	const char *path;
	size_t number; // of the line
	const char *section; // "" before the first
	const char *key; // NULL: the section begins
	const char *value;
	// In foreign files: the value goes on with this line.
	bool goes_on;
};

// 0, or a negative errno that ends the reading, with words in `error`.
typedef int (*ini_take)(void *ctx, const struct ini_line *line, char *error, size_t error_bytes);

enum ini_manner {
	// Our own: every line must be understood.
	INI_STRICT,
	// As oslo.config reads: also `key: value`; a line that begins with a blank goes on with the
	// value of.
	INI_FOREIGN,
	// the line before it; the names of sections are exact, and no value stands before the first
};

// Reads a file. Comment lines begin with # or ;. Returns 0, what `take` returned, -EINVAL or -errno
// of the file with words in `error`, -ENOMEM. Values may be secret: the memory is wiped.
int ini_read(
	const char *path,
	enum ini_manner manner,
	ini_take take,
	void *ctx,
	char *error,
	size_t error_bytes
);
