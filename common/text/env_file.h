// SPDX-License-Identifier: MPL-2.0
// env_file: the lines of a file of environment variables, one after the other. Pure. Thread: any.
//
// As systemd reads an EnvironmentFile=, as far as a shell would read the same: NAME=VALUE, comment
// lines with # or ;, blanks around name and value do not count. Quotes may stand around the whole
// value. Within double quotes a backslash goes before \" \\ \` or $. `export ` before the name is
// passed over. Nothing is expanded: a value that a shell would take for something else is odd.
#pragma once

#include <stddef.h>

enum env_file_kind {
	ENV_FILE_END,
	ENV_FILE_VALUE,
	// There is a name, and its value cannot be taken as it is: `fault`.
	ENV_FILE_ODD,
	// The line cannot be understood: `fault`.
	ENV_FILE_FAULT,
};

struct env_file {
	char *rest; // not read yet
	char *end;
	// Number of the last one that was read.
	size_t line;
	const char *name;
	const char *value;
	// Words for what is wrong, and what to do about it.
	const char *fault;
};

// Begins with the `len` bytes at `text`, behind which a NUL stands. The text is cut in place, all
// that is found lies in it. The caller owns it, and wipes it when it may be secret.
void env_file_begin(struct env_file *file, char *text, size_t len);

// Reads on to the next line that says something. The fields of *file say what.
enum env_file_kind env_file_next(struct env_file *file);
