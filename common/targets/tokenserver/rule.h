// SPDX-License-Identifier: MPL-2.0
// rule: what happens to a user record, and why. Pure: the facts are passed in. Thread: any.
#pragma once

#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/node/identity.h"
#include "common/targets/tokenserver/user_row.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULE_RETIRED INT64_MAX // the generation of a record whose account is gone

struct hold_list;

struct rule {
	bool force;
	enum node_keys node_keys;
	const char *override_node; // NULL: none
	struct hold_list *holds; // NULL: nobody is on hold
	// Ms; a record replaced at it or later is too young.
	int64_t cutoff;
};

struct ruling {
	// GO, LEFT, DONE (the record is gone), FAILED (it cannot be purged as it is).
	enum verdict verdict;
	enum reason reason;
	const char *fault; // static words for FAILED, else NULL
	// When it is GO, or FAILED:
	// There is no node to ask, and it counts towards no limit.
	bool nodeless;
	// First a DELETE to `target`; else the row only.
	bool send_delete;
	// No DELETE, because it would take data that is in use.
	bool held_back;
	bool forced; // its node is down
	// Node whose data it is, or the override; NULL when nodeless. Owner: row or rule.
	const char *target;
	char fxa_kid[IDENTITY_KID_BYTES]; // "" when it cannot be computed
};

// The rule of these options for a record found with this cutoff.
struct rule rule_of(const struct tokenserver_config *config, int64_t cutoff);
// Does the rule look at other records of the same user at all?
bool rule_needs_others(const struct tokenserver_config *config);

// Are these the same node, but for how it is written? When it cannot be told (out of memory) they
// are, which spares data.
bool rule_is_same_node(const char *left, const char *right);

// row NULL: there is none. `others`: the records of the same user; what does not matter in them is
// passed over, so the row itself and records long replaced may be among them. too_many: there are
// others that are not known.
void rule_decide(
	const struct rule *rule,
	const struct user_row *row,
	const struct user_row *others,
	size_t count,
	bool too_many,
	struct ruling *out
);
