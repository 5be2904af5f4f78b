// SPDX-License-Identifier: MPL-2.0
// tokenserver_rule_case: a record of Tokenserver with its user's other records, and what is to
// become of it.
//
// Whatever is decided otherwise fails the running test. Thread: that of the tests.
#pragma once

#include "common/targets/tokenserver/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CUTOFF = 1000, OTHERS = 4 };

// A record; what is left out is as in the usual one: uid 1, replaced just before the cutoff, on the
// node https://n1, with the key (5, aa).
struct record {
	int64_t uid;
	int64_t at;
	int64_t generation;
	int64_t keys_changed_at;
	const char *state;
	const char *node;
	bool exists, live, nodeless, downed, broken_user, broken_node, generation_null;
};

enum wanted {
	BOTH, // DELETE, then the row
	ROW_ONLY,
	HELD_BACK, // row only, to spare data
	LEFT_LIVE,
	LEFT_YOUNG,
	LEFT_DOWN,
	GONE,
	FAULT,
};

struct rule_case {
	const char *name;
	const char *override;
	struct record row;
	struct record others[OTHERS];
	const char *target; // of a DELETE; NULL: https://n1
	enum wanted wanted;
	bool force;
	bool by_uid; // --node-keys uid
	bool too_many;
};

#define THE_ROW .row = {.exists = true}
#define DOWN .row = {.exists = true, .downed = true}

// What is decided of it.
struct ruling rule_case_decide(const struct rule_case *the_case);

// Each of `count` cases is decided as it wants; its DELETE goes to its target; it counts as
// nodeless and forced by its node.
void rule_cases_assert_decided(const struct rule_case *cases, size_t count);
void rule_cases_assert_target(const struct rule_case *cases, size_t count);
void rule_cases_assert_node(const struct rule_case *cases, size_t count);
