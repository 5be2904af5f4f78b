// SPDX-License-Identifier: MPL-2.0
// columns: are the columns that a preset names what it takes them for? Thread: scan; blocks.
#pragma once

#include "common/targets/softdelete/schema/check.h"

// The columns that the preset names for this table must be of the types that it takes them for, and
// the numbers of the age in its unit. Sets out->text_key. 0; -ENOENT: one is not; or an error of
// db.h; with words.
int columns_check(struct check *check, const struct table *table, struct schema_table *out);
