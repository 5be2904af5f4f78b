// SPDX-License-Identifier: MPL-2.0
// gone: judges records whose rows are gone, for a replay: may their data be deleted once more?
//
// The record alone is no permission. The database has to know the node, must have given out the
// uid, and must have no other record of that user that needs the data. Thread: batch.
#pragma once

#include "common/target/work.h"
#include "common/targets/tokenserver/config.h"

#include <stddef.h>
#include <stdint.h>

struct db;

// One that is to be judged. Its row is not there.
struct gone {
	const struct work_pair *pair;
	int64_t cutoff; // as rule.cutoff
};

// Sets the result and the state of each: GO (a DELETE only), LEFT (the data is in use), DONE (there
// was no DELETE), FAILED with words (it is refused). 0, -ENOMEM, or an error as common/db/db.h.
int gone_judge(
	const struct tokenserver_config *config,
	struct db *db,
	const struct gone *gone,
	size_t count
);
