// SPDX-License-Identifier: MPL-2.0
// along: rows of other tables that go with those of a chunk. Within the transaction of the
// deletion. Thread: batch; blocks.
#pragma once

#include "common/targets/softdelete/deletion/statement.h"

#include <stdbool.h>
#include <stdint.h>

bool along_exists(const struct deletion *deletion); // the preset has such tables
// Counts what goes with these keys, up to `most`; -1: all. 0, or an error of db.h.
int along_count(struct deletion *deletion, const struct piece *piece, int64_t most, int64_t *count);
// Removes what goes with these keys, at most `most` rows; -1: all. 0, or an error of db.h.
int along_delete(
	struct deletion *deletion, const struct piece *piece, int64_t most, int64_t *removed
);
// Does a row that goes with nothing refer to this key? Then it stays, and so does what goes with
// it. False also when this user may not look. 0, or an error of db.h.
int along_is_held(struct deletion *deletion, const struct piece *piece, bool *is_held);
