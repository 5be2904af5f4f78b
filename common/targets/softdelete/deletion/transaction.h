// SPDX-License-Identifier: MPL-2.0
// transaction: removes some rows of a chunk at once: all that can go, or nothing. Thread: batch;
// blocks.
#pragma once

#include "common/targets/softdelete/deletion/statement.h"

#include <stddef.h>

// Removes the next `count` keys of the chunk that are not settled, or those of chunk->lost, and
// settles them. Where other rows go with them: as many of them as have room, or some of what goes
// with the first, and then settles none. 0, or an error of db.h: nothing happened, but perhaps what
// chunk->lost or chunk->along says.
int transaction_run(struct deletion *deletion, size_t count);
