// SPDX-License-Identifier: MPL-2.0
// tokenserver_rule_case: decides cases and compares.
#include "support/tokenserver_rule_case.h"

#include "support/test.h"

#include <string.h>

static struct user_row make_row(const struct record *record, int64_t uid) {
	const char *node = record->node == NULL ? "https://n1" : record->node;

	return (struct user_row){
		.uid = record->uid == 0 ? uid : record->uid,
		.is_replaced = !record->live,
		.replaced_at = record->live ? 0
			: record->at == 0   ? CUTOFF - 1
					    : record->at,
		.generation = record->generation_null ? 0
			: record->generation == 0     ? 5
						      : record->generation,
		.is_generation_null = record->generation_null,
		.keys_changed_at = record->keys_changed_at,
		.nodeid = record->nodeless ? 99 : 1,
		.node = record->nodeless ? NULL : (char *)(record->broken_node ? "" : node),
		.is_node_downed = record->downed,
		.is_node_broken = record->broken_node,
		.is_user_broken = record->broken_user,
		.email = (char *)(record->broken_user ? "" : "u@example.com"),
		.client_state = (char *)(record->state == NULL ? "aa" : record->state),
	};
}

struct ruling rule_case_decide(const struct rule_case *the_case) {
	const struct rule rule = {
		.force = the_case->force,
		.node_keys = the_case->by_uid ? NODE_KEYS_UID : NODE_KEYS_FXA,
		.override_node = the_case->override,
		.cutoff = CUTOFF,
	};
	struct user_row row = make_row(&the_case->row, 1);
	struct user_row others[OTHERS];
	struct ruling ruling;
	size_t count = 0;

	for (; count < OTHERS && the_case->others[count].exists; count++)
		others[count] = make_row(&the_case->others[count], (int64_t)count + 2);
	rule_decide(
		&rule,
		the_case->row.exists ? &row : NULL,
		others,
		count,
		the_case->too_many,
		&ruling
	);
	// The target may be the row's own name, which ends with this function.
	if (ruling.target == row.node)
		ruling.target = the_case->row.node == NULL ? "https://n1" : the_case->row.node;
	return ruling;
}

static const struct {
	enum verdict verdict;
	enum reason reason;
	bool send_delete, held_back;
} outcomes[] = {
	[BOTH] = {VERDICT_GO, REASON_NONE, true, false},
	[ROW_ONLY] = {VERDICT_GO, REASON_NONE, false, false},
	[HELD_BACK] = {VERDICT_GO, REASON_NONE, false, true},
	[LEFT_LIVE] = {VERDICT_LEFT, REASON_LIVE, false, false},
	[LEFT_YOUNG] = {VERDICT_LEFT, REASON_YOUNG, false, false},
	[LEFT_DOWN] = {VERDICT_LEFT, REASON_NODE_DOWN, false, false},
	[GONE] = {VERDICT_DONE, REASON_GONE, false, false},
	[FAULT] = {VERDICT_FAILED, REASON_UNKNOWN, true, false},
};

void rule_cases_assert_decided(const struct rule_case *cases, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct ruling ruling = rule_case_decide(&cases[i]);
		enum wanted wanted = cases[i].wanted;

		if (ruling.verdict != outcomes[wanted].verdict ||
		    ruling.reason != outcomes[wanted].reason ||
		    ruling.send_delete != outcomes[wanted].send_delete ||
		    ruling.held_back != outcomes[wanted].held_back)
			fail_msg(
				"%s: %s %s, DELETE %d, held back %d",
				cases[i].name,
				verdict_name(ruling.verdict),
				reason_name(ruling.reason),
				ruling.send_delete,
				ruling.held_back
			);
		if ((ruling.fault != NULL) != (wanted == FAULT))
			fail_msg("%s: fault %s", cases[i].name, ruling.fault);
	}
}

void rule_cases_assert_target(const struct rule_case *cases, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const char *target = cases[i].target == NULL ? "https://n1" : cases[i].target;
		struct ruling ruling = rule_case_decide(&cases[i]);

		if (cases[i].wanted != BOTH && cases[i].wanted != HELD_BACK)
			continue;
		if (ruling.target == NULL || strcmp(ruling.target, target) != 0)
			fail_msg("%s: %s", cases[i].name, ruling.target);
	}
}

void rule_cases_assert_node(const struct rule_case *cases, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const struct record *row = &cases[i].row;
		struct ruling ruling = rule_case_decide(&cases[i]);

		if (ruling.verdict != VERDICT_GO && ruling.verdict != VERDICT_FAILED)
			continue;
		if (ruling.nodeless != row->nodeless ||
		    ruling.forced != (row->downed && !row->nodeless))
			fail_msg(
				"%s: nodeless %d, forced %d",
				cases[i].name,
				ruling.nodeless,
				ruling.forced
			);
	}
}
