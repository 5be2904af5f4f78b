// SPDX-License-Identifier: MPL-2.0
// removal_case: a database with two nodes, and what tests of a removal say of its items.
// Thread: the test's. What is not as it should be fails the running test.
#pragma once

#include "common/targets/tokenserver/removal.h"

#include <stdbool.h>
#include <stdint.h>

// The set-up of a test: nodes 1 and 2, no users.
int removal_case_fresh(void **state);
struct removal removal_case_item(int64_t uid, int64_t replaced_at, int64_t nodeid);
void removal_case_assert_outcome(
	const struct removal *removal, enum verdict verdict, enum reason reason, bool removed
);
// So many users have left the node since then.
void removal_case_assert_counters(int64_t nodeid, int64_t moved);
