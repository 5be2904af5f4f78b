// SPDX-License-Identifier: MPL-2.0
// config: what an operator may say about a purge of soft-deleted rows. Filled by the option rows,
// completed by softdelete_config_set_up. Read-only after that. Thread: main, then any.
#pragma once

#include "common/targets/softdelete/config/config_rows.h"

#include <stdbool.h>

// 0; -EINVAL: wrong usage, -ERANGE: a value that makes no sense, both with words in `error`;
// -ENOMEM. *location is the database URL.
int softdelete_config_set_up(
	struct softdelete_config *config, const char **location, char *error, size_t error_bytes
);
// The same for who only looks at records: no age is needed, and *location is NULL when nothing says
// where the database is.
int softdelete_config_set_up_look(
	struct softdelete_config *config, const char **location, char *error, size_t error_bytes
);
// Does anything say where the database is? Also before a set-up.
bool softdelete_config_names_database(const struct softdelete_config *config);
void softdelete_config_tear_down(struct softdelete_config *config); // a zeroed config is fine

// How many rows of this table one run may take; -1: no limit.
int64_t softdelete_config_limit(const struct softdelete_config *config, const struct table *table);
