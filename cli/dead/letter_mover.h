// SPDX-License-Identifier: MPL-2.0
// letter_mover: takes letters out of their topic, and puts their records back to the candidates.
// Every call blocks, for a bounded time. Thread: main.
#pragma once

#include "cli/dead/letter_batch.h"
#include "cli/dead/letters.h"

#include <stdbool.h>
#include <stdint.h>

struct letter_mover; // opaque

struct letter_moves {
	int64_t moved;
	// Left, because another letter of the same record came meanwhile.
	int64_t overtaken;
	// Of the last batch, when it is not known whether it was moved; else 0.
	int64_t in_doubt;
};

// Ends what an earlier one has left open. `puts_back`: their records become candidates again; else
// the letters are only dropped. `letters` must outlive it. 0; a negative errno after the error was
// told.
int letter_mover_open(struct letter_mover **out, struct letters *letters, bool puts_back);
void letter_mover_close(struct letter_mover *mover); // NULL is fine

// Moves the letters of a batch, all at once or none of them, and empties it. Those that are put
// back must be able to (letter_can_return). 0; a negative errno after the error was told.
int letter_mover_move(struct letter_mover *mover, struct letter_batch *batch);
// Waits until everybody sees what was moved: a commit is heard of a moment before that.
void letter_mover_settle(const struct letter_mover *mover);
struct letter_moves letter_mover_moves(const struct letter_mover *mover);
