// SPDX-License-Identifier: MPL-2.0
// schema: proves, before anything is touched, that a database is as the preset says. Thread: scan;
// blocks.
#pragma once

#include "common/targets/softdelete/schema/check.h"

#include <stddef.h>

enum { SCHEMA_CLOCK_MS = 60 * 1000 };

// 0; -ENOENT: a table, column or index is not there, or not fit; -EDEADLK: the order violates a
// foreign key; -EPERM: a foreign key would remove or change rows that nobody asked for; -ERANGE:
// clocks; or as db.h says. Words in `error`.
int schema_check(
	struct db *db,
	const struct preset *preset,
	const struct schema_wish *wish,
	struct schema *out,
	char *error,
	size_t error_bytes
);
