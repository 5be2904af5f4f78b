// SPDX-License-Identifier: MPL-2.0
// state: what is known of a record that is in work. Thread: whoever has the work.
#pragma once

#include "common/target/finding.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/files.h"

#include <stdbool.h>
#include <stddef.h>

struct state {
	struct record record;
	// One for each name of the record.
	struct file *files;
	// Bit i: origins[i] of the config has deleted it.
	uint64_t unpublished;
	// Indexes into `files` of those that failed.
	size_t *failed;
};

int state_read(struct state **out, const struct candidate *candidate); // as record_read
void state_free(struct state *state); // NULL is fine
