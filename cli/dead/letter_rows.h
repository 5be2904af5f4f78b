// SPDX-License-Identifier: MPL-2.0
// letter_rows: are the rows of letters still in the database? Every call blocks, for a bounded
// time. Thread: the owner's.
#pragma once

#include "cli/dead/letter_batch.h"
#include "common/kafka/kafka.h"

#include <stdbool.h>

struct front;
struct letters_setup;

struct letter_rows; // opaque

// Connects to the database of `front`, which must be that of the topics. One that is not named, or
// does not answer, is no error: letter_rows_unknown says so, and no letter is looked for. 0; a
// negative errno after the error was told. `front` and `setup` must outlive it.
int letter_rows_open(
	struct letter_rows **out, const struct front *front, const struct letters_setup *setup
);
void letter_rows_close(struct letter_rows *rows); // NULL is fine
// Why it is not known what became of the rows, in words; NULL: it is.
const char *letter_rows_unknown(const struct letter_rows *rows);
// Is that so because the database failed, which was named?
bool letter_rows_is_lost(const struct letter_rows *rows);
// Sets the state of each letter that can be looked for. 0 or -ENOMEM, after it was told.
int letter_rows_look(struct letter_rows *rows, struct letter_batch *batch);
