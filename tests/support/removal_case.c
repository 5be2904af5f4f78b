// SPDX-License-Identifier: MPL-2.0
// removal_case: a database with two nodes, and what tests of a removal say of its items.
#include "support/removal_case.h"

#include "support/test.h"
#include "support/test_database.h"
#include "support/tokenserver.h"

int removal_case_fresh(void **state) {
	test_database_fresh(state);
	tokenserver_add_node(server, 1, "https://n1", false);
	tokenserver_add_node(server, 2, "https://n2", false);
	return 0;
}

struct removal removal_case_item(int64_t uid, int64_t replaced_at, int64_t nodeid) {
	return (struct removal){.uid = uid, .replaced_at = replaced_at, .nodeid = nodeid};
}

void removal_case_assert_outcome(
	const struct removal *removal, enum verdict verdict, enum reason reason, bool removed
) {
	if (removal->verdict != verdict || removal->reason != reason || removal->removed != removed)
		fail_msg(
			"uid %lld: %s %s %d",
			(long long)removal->uid,
			verdict_name(removal->verdict),
			reason_name(removal->reason),
			removal->removed
		);
}

void removal_case_assert_counters(int64_t nodeid, int64_t moved) {
	struct tokenserver_counters counters = tokenserver_counters(server, nodeid);

	assert_int_equal(counters.available, 10 + moved);
	assert_int_equal(counters.current_load, 90 - moved);
}
