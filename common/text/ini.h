// SPDX-License-Identifier: MPL-2.0
// ini: the lines of an INI text, one after the other. Pure. Thread: any.
//
// Comment lines begin with # or ;. A mark of UTF-8 before the first line is passed over.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// How a kind of file is written.
struct ini_manner {
	// Characters that are taken off both ends of a line, a key and a value.
	const char *blanks;
	// What is said of a line that begins with '[' and does not end with ']'.
	const char *section_fault;
	// As oslo.config reads. A key may end with ':' too. A line that begins with a blank goes on
	// with the value of the line before it. The names of sections are exact and not empty. No
	// value stands before the first section, and no control character anywhere.
	bool is_oslo;
};

enum ini_kind {
	INI_END,
	INI_SECTION,
	INI_VALUE,
	// The value goes on with this line.
	INI_MORE,
	INI_FAULT,
};

struct ini {
	const struct ini_manner *manner;
	char *rest; // not read yet
	char *end;
	// Number of the last one that was read.
	size_t line;
	const char *section; // "" before the first
	const char *key;
	const char *value;
	// What is wrong with the line; of INI_FAULT.
	const char *fault;
};

// Begins with the `len` bytes at `text`, behind which a NUL stands. The text is cut in place, all
// that is found lies in it. The caller owns it, and wipes it when it may be secret.
void ini_begin(struct ini *ini, const struct ini_manner *manner, char *text, size_t len);

// Reads on to the next line that says something. The fields of *ini say what.
enum ini_kind ini_next(struct ini *ini);
