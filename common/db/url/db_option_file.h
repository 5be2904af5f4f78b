// SPDX-License-Identifier: MPL-2.0
// db_option_file: the lines of an option file of the client programs of MariaDB and MySQL (my.cnf).
//
// What the client libraries and PyMySQL read differs; what one of them reads is read here.
// Thread: any.
#pragma once

#include <stddef.h>

struct words;

struct db_option {
	// Of the file that it is in.
	const char *path;
	size_t line;
	// In small letters, with '_' for '-'.
	char *name;
	char *value; // without quotes; NULL: it has none
};

// 0, or a negative errno that ends the reading, with a note.
typedef int (*db_option_take)(void *ctx, struct db_option *option, const struct words *note);

// Hands out each option in the groups [client], [client-server], [client-mariadb] and `group` (may
// be NULL), in included files as well. 0, what `take` returned, -ENOMEM, or -EINVAL with a note: a
// file cannot be read or understood. The memory is wiped.
int db_option_file_read(
	const char *path,
	const char *group,
	db_option_take take,
	void *ctx,
	const struct words *note
);
