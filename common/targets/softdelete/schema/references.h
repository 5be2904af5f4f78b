// SPDX-License-Identifier: MPL-2.0
// references: foreign keys that refer to the tables of a preset. Thread: scan; blocks.
#pragma once

#include "common/targets/softdelete/schema/check.h"

// A foreign key that refers to this table must fit the order and must not touch rows by itself.
int references_check(struct check *check, const struct table *table);
// Finds the columns by which a table refers to itself.
int references_find_own(struct check *check, const struct table *table, struct schema_table *out);
// May this user see the foreign keys of all tables? If not, says so in out->warning.
int references_check_sight(struct check *check);
