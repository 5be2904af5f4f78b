// SPDX-License-Identifier: MPL-2.0
// target_remover: judges candidates again and removes them.
#pragma once

#include "common/handle.h"
#include "common/target/work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Does the same for works of one batch, and sets the result of each. May block on the handle.
// Thread: batch. 0, or an error that holds for the whole batch, as db.h classifies.
typedef int target_remover_batch(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
);

// Names the index-th of the failed rows. Not optional where there are any.
typedef void target_remover_failed_row(
	const void *config, const struct work *work, int64_t index, struct row_words *out
);

// Thread: loop, never blocks, but check, remove and defer.
struct target_remover {
	// Works in one check or remove; 0: the engine's --batch-rows.
	size_t batch_max;
	// Rows in work at once, and a few records more; 0: what --window lets in.
	int64_t rows_max;
	// Reads candidate->data into work->state. -EBADMSG: cannot be decoded; -ENOMEM. `why`:
	// words about a work that can be decoded and can go no further.
	int (*load)(const void *config, struct work *work, struct finding *why);
	// The candidate may be gone.
	void (*unload)(const void *config, struct work *work);
	// It comes to its end here, however it does, and nobody counts on that yet. optional.
	void (*ended)(const void *config, const struct work *work);
	// Rows of other kinds that went for it through its calls, however it ends; beside those
	// that `remove` tells of. optional.
	int64_t (*gone_along)(const void *config, const struct work *work);
	// The next line for the log that the works which ended made ready. False: there is none.
	// optional.
	bool (*tell)(const void *config, bool *is_warning, char *out, size_t out_bytes);
	// Says what is left of a work that was begun: sets `data` and `data_bytes` of a copy of its
	// candidate to what load reads of it next time. The data lives until unload. False: all of
	// it. optional.
	bool (*rest)(const void *config, const struct work *work, struct candidate *copy);
	// Judges again what the scan found. optional, but not for a target whose calls say RECHECK.
	target_remover_batch *check;
	// Looks whether what each record is about is still in the database, and changes nothing.
	// DONE: it is not; REASON_GONE: the rows are gone, REASON_CHANGED: they are there and not
	// to be purged by this record any more. GO: it is. Thread: whoever has the handle.
	// optional.
	target_remover_batch *look;
	// Proves that all that `remove` will do is possible here, and brings to its end what others
	// left that are gone; before the first work is taken by a process that does not scan. 0
	// with words for the log, or ""; 1 with words: something that was left there could not be
	// brought to its end; a negative errno with words on why. Thread: whoever has the handle.
	// optional.
	int (*prove)(const void *config, struct handle *handle, char *words, size_t words_bytes);
	target_remover_batch *remove;
	target_remover_batch *defer; // puts off what failed. optional
	// Words for a dry run's plan: what would happen ("node and row") and where (the node, or
	// NULL). optional.
	const char *(*plan)(const void *config, const struct work *work, const char **where);
	target_remover_failed_row *failed_row;
	// Does the database know a node of this name? 1, and *id is what it is known by, whatever
	// it is called later; 0; or a negative errno with words in handle_error. optional.
	int (*find_node)(const void *config, struct handle *handle, const char *node, int64_t *id);
	// Does what belongs to the candidate lie on this node, however its name is written, or on
	// that of this id (0: it is not known)? Of one that cannot be decoded nothing is known:
	// true, so that nobody passes over it. optional.
	bool (*is_on_node
	)(const void *config, const struct candidate *candidate, const char *node, int64_t id);
};
