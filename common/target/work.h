// SPDX-License-Identifier: MPL-2.0
// work: what a target is given of a task, and what it says back. Thread: loop, but a batch thread
// during check, remove and defer, which get it whole.
#pragma once

#include "common/candidate.h"
#include "common/target/finding.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stdint.h>

// When it was last judged; 0: never.
struct judged {
	int64_t mono_ms;
	int64_t wall_ms;
};

// Owner: the engine's task. The engine writes it, but for what load sets.
struct work {
	const struct candidate *candidate;
	// The target's own; made by load, freed by unload. Whoever has the work may change it.
	void *state;
	struct judged judged;
	// On the monotonic clock: when that judgement is too old; 0: never. Of a remove.
	int64_t good_until_ms;
	// Rows that it stands for; set by load when it is not one.
	int64_t rows;
	// The least and the greatest `at` of these rows; set by load, else both are the
	// candidate's.
	int64_t oldest_at;
	int64_t newest_at;
	// Counts towards --max-records; set by load, and by the finding of a check.
	bool counted;
};

// Rows of a work, over all removes so far.
struct removed_rows {
	int64_t removed; // that remove really took
	// Rows of other kinds that had to go with them.
	int64_t along;
	// Rows that were not due any more.
	int64_t spared;
	// Rows that remove will not take; failed_row tells why, the finding's reason why the first.
	int64_t failed;
	// Rows that others took; on VERDICT_DONE all that is not one of the above.
	int64_t gone;
	// Of storage that is free now; for those that count it.
	int64_t bytes;
};

// What check, remove and defer say of one work. The engine zeroes it before each call, but for what
// the last remove did while it is not called again, and unless it says VERDICT_DONE already: such a
// work is to be passed over.
struct work_result {
	struct finding finding;
	struct judged judged; // of a check
	// Of a remove. What is committed so far, whatever the verdict or the error, so that it
	// counts however the task ends; the other rows then failed or were postponed.
	struct removed_rows rows;
	// Rows of other tables that do not count as gone along, but may be: see commit_unknown.
	int64_t along_unknown;
	// On VERDICT_RETRY: others kept it from being tried, so it is not its own trouble.
	bool untried;
	// A remove lost the connection while it committed: rows that do not count as removed may be
	// gone by our own hand.
	bool commit_unknown;
	// On -ENOTCONN of a work that is alone in its batch: the next remove tries less of it at
	// once, so that it may find the row that ends every connection; the losses so far do not
	// count. At most a few times per row.
	bool narrowed;
	bool counted; // of a check
	// On VERDICT_GO of a remove: it has begun, and remove is called once more so many
	// milliseconds from now. That uses up no attempt, and a stop or a pause waits for it.
	int64_t again_ms;
};

// What goes into a batch, and what comes out of it.
struct work_pair {
	struct work *work;
	struct work_result *out;
};

// Names a row of a work that holds several.
struct row_words {
	enum reason reason;
	char id[160];
	// Why it was not removed; no e-mail address.
	char words[300];
};
