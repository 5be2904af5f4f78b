// SPDX-License-Identifier: MPL-2.0
// gone_row: what a record says of a row that is not there any more. Pure. Thread: any.
#pragma once

#include "common/targets/tokenserver/state.h"
#include "common/targets/tokenserver/user_row.h"

#include <stdint.h>

// The row as the record knew it, as far as rule_decide looks at it: a replaced row of that user,
// with that key, on that node. Its e-mail address is only the fxa_uid. 0; -EINVAL: the record does
// not say it; -ENOMEM. Owner of the texts: the row; by user_row_fini.
int gone_row_make(struct user_row *out, int64_t uid, const struct state *state);

// The uid that the table gives out next, of the text of SHOW CREATE TABLE: all lower ones may have
// been rows. 0: none was ever given out, or the text does not say.
int64_t gone_row_next_uid(const char *create_table);
