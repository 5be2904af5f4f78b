// SPDX-License-Identifier: MPL-2.0
// tokenserver_rule_test: every row of the table of what is purged, and all that a user's other
// records change in it.
#include "support/test.h"

#include "common/targets/tokenserver/rule.h"

#include <string.h>

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

static const struct rule_case cases[] = {
	// The record itself.
	{.name = "gone", .wanted = GONE},
	{.name = "up", THE_ROW, .wanted = BOTH},
	{.name = "up, forced", .force = true, THE_ROW, .wanted = BOTH},
	{.name = "up, nodes by uid", .by_uid = true, THE_ROW, .wanted = BOTH},
	{.name = "live", .row = {.exists = true, .live = true}, .wanted = LEFT_LIVE},
	{.name = "live, forced",
	 .force = true,
	 .row = {.exists = true, .live = true},
	 .wanted = LEFT_LIVE},
	{.name = "live on a missing node",
	 .row = {.exists = true, .live = true, .nodeless = true},
	 .wanted = LEFT_LIVE},
	{.name = "replaced 1 ms before the cutoff",
	 .row = {.exists = true, .at = CUTOFF - 1},
	 .wanted = BOTH},
	{.name = "replaced at the cutoff",
	 .row = {.exists = true, .at = CUTOFF},
	 .wanted = LEFT_YOUNG},
	{.name = "replaced after the cutoff",
	 .row = {.exists = true, .at = CUTOFF + 1},
	 .wanted = LEFT_YOUNG},
	{.name = "replaced at the cutoff, no node",
	 .row = {.exists = true, .at = CUTOFF, .nodeless = true},
	 .wanted = LEFT_YOUNG},
	{.name = "replaced before 1970", .row = {.exists = true, .at = INT64_MIN}, .wanted = BOTH},
	{.name = "retired itself",
	 .row = {.exists = true, .generation = RULE_RETIRED},
	 .wanted = BOTH},

	// Its node.
	{.name = "no node", .row = {.exists = true, .nodeless = true}, .wanted = ROW_ONLY},
	{.name = "no node, marked down",
	 .row = {.exists = true, .nodeless = true, .downed = true},
	 .wanted = ROW_ONLY},
	{.name = "no node, override",
	 .force = true,
	 .override = "https://o",
	 .row = {.exists = true, .nodeless = true},
	 .wanted = ROW_ONLY},
	{.name = "no node, no key",
	 .row = {.exists = true, .nodeless = true, .state = "zz"},
	 .wanted = ROW_ONLY},
	{.name = "no node, broken texts",
	 .row = {.exists = true, .nodeless = true, .broken_user = true},
	 .wanted = ROW_ONLY},
	{.name = "no node, unknown others",
	 .too_many = true,
	 .row = {.exists = true, .nodeless = true},
	 .wanted = ROW_ONLY},
	{.name = "down", DOWN, .wanted = LEFT_DOWN},
	{.name = "down, override without force",
	 .override = "https://o",
	 DOWN,
	 .wanted = LEFT_DOWN},
	{.name = "down, broken node",
	 .row = {.exists = true, .downed = true, .broken_node = true},
	 .wanted = LEFT_DOWN},
	{.name = "down, forced", .force = true, DOWN, .wanted = BOTH},
	{.name = "down, forced, override",
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .wanted = BOTH,
	 .target = "https://o"},
	{.name = "up, override does not matter",
	 .force = true,
	 .override = "https://o",
	 THE_ROW,
	 .wanted = BOTH},
	{.name = "down, forced, override to the same node",
	 .force = true,
	 .override = "https://n1",
	 DOWN,
	 .wanted = BOTH},
	{.name = "down, live and young still come first",
	 .force = true,
	 .row = {.exists = true, .downed = true, .live = true},
	 .wanted = LEFT_LIVE},

	// What cannot be signed or contacted.
	{.name = "client_state not hex", .row = {.exists = true, .state = "zz"}, .wanted = FAULT},
	{.name = "client_state odd", .row = {.exists = true, .state = "aaa"}, .wanted = FAULT},
	{.name = "client_state empty", .row = {.exists = true, .state = ""}, .wanted = BOTH},
	{.name = "client_state not hex, nodes by uid",
	 .by_uid = true,
	 .row = {.exists = true, .state = "zz"},
	 .wanted = FAULT},
	{.name = "client_state not hex, down",
	 .row = {.exists = true, .state = "zz", .downed = true},
	 .wanted = LEFT_DOWN},
	{.name = "no generation",
	 .row = {.exists = true, .generation_null = true},
	 .wanted = FAULT},
	{.name = "no generation, but keys_changed_at",
	 .row = {.exists = true, .generation_null = true, .keys_changed_at = 7},
	 .wanted = BOTH},
	{.name = "no generation, nodes by uid",
	 .by_uid = true,
	 .row = {.exists = true, .generation_null = true},
	 .wanted = FAULT},
	{.name = "email not text", .row = {.exists = true, .broken_user = true}, .wanted = FAULT},
	{.name = "node not text", .row = {.exists = true, .broken_node = true}, .wanted = FAULT},
	{.name = "node not text, but overridden",
	 .force = true,
	 .override = "https://o",
	 .row = {.exists = true, .broken_node = true, .downed = true},
	 .wanted = BOTH,
	 .target = "https://o"},
	{.name = "node empty", .row = {.exists = true, .node = ""}, .wanted = FAULT},
	{.name = "node without scheme", .row = {.exists = true, .node = "n1"}, .wanted = FAULT},
	{.name = "node of a file",
	 .row = {.exists = true, .node = "file:///etc/passwd"},
	 .wanted = FAULT},
	{.name = "node with a user",
	 .row = {.exists = true, .node = "https://u:p@n1"},
	 .wanted = FAULT},
	{.name = "node with a line end",
	 .row = {.exists = true, .node = "https://n1\r\nX: y"},
	 .wanted = FAULT},
	{.name = "too many others", .too_many = true, THE_ROW, .wanted = FAULT},
	{.name = "too many others, nodes by uid",
	 .too_many = true,
	 .by_uid = true,
	 THE_ROW,
	 .wanted = BOTH},
	{.name = "too many others, nodes by uid, override",
	 .too_many = true,
	 .by_uid = true,
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .wanted = FAULT},

	// Others of the same user: in use?
	{.name = "live twin",
	 THE_ROW,
	 .others = {{.exists = true, .live = true}},
	 .wanted = HELD_BACK},
	{.name = "live twin, nodes by uid",
	 .by_uid = true,
	 THE_ROW,
	 .others = {{.exists = true, .live = true}},
	 .wanted = BOTH},
	{.name = "young twin at the cutoff",
	 THE_ROW,
	 .others = {{.exists = true, .at = CUTOFF}},
	 .wanted = HELD_BACK},
	{.name = "young twin",
	 THE_ROW,
	 .others = {{.exists = true, .at = CUTOFF + 1}},
	 .wanted = HELD_BACK},
	{.name = "old twin",
	 THE_ROW,
	 .others = {{.exists = true, .at = CUTOFF - 1}},
	 .wanted = BOTH},
	{.name = "retired live twin",
	 .row = {.exists = true, .keys_changed_at = 7},
	 .others =
		 {{.exists = true, .live = true, .keys_changed_at = 7, .generation = RULE_RETIRED}},
	 .wanted = BOTH},
	{.name = "almost retired live twin",
	 .row = {.exists = true, .keys_changed_at = 7},
	 .others =
		 {{.exists = true,
		   .live = true,
		   .keys_changed_at = 7,
		   .generation = RULE_RETIRED - 1}},
	 .wanted = HELD_BACK},
	{.name = "retired young twin",
	 .row = {.exists = true, .keys_changed_at = 7},
	 .others =
		 {{.exists = true, .at = CUTOFF, .keys_changed_at = 7, .generation = RULE_RETIRED}},
	 .wanted = BOTH},
	{.name = "itself among the others",
	 THE_ROW,
	 .others = {{.exists = true, .uid = 1, .live = true}},
	 .wanted = BOTH},
	{.name = "the last of several counts",
	 THE_ROW,
	 .others =
		 {
			 {.exists = true, .at = 5},
			 {.exists = true, .live = true, .state = "bb"},
			 {.exists = true, .live = true, .node = "https://n2"},
			 {.exists = true, .live = true},
		 },
	 .wanted = HELD_BACK},

	// Others of the same user: the same key?
	{.name = "live, another client_state",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .state = "bb"}},
	 .wanted = BOTH},
	{.name = "live, client_state in capitals",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .state = "AA"}},
	 .wanted = HELD_BACK},
	{.name = "live, client_state not hex",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .state = "zz"}},
	 .wanted = BOTH},
	{.name = "live, texts broken",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .broken_user = true}},
	 .wanted = BOTH},
	{.name = "live, another generation",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .generation = 6}},
	 .wanted = BOTH},
	{.name = "live, another generation, but the same keys_changed_at",
	 .row = {.exists = true, .keys_changed_at = 9},
	 .others = {{.exists = true, .live = true, .generation = 6, .keys_changed_at = 9}},
	 .wanted = HELD_BACK},
	{.name = "live, generation is the row's keys_changed_at",
	 .row = {.exists = true, .keys_changed_at = 9},
	 .others = {{.exists = true, .live = true, .generation = 9}},
	 .wanted = HELD_BACK},
	{.name = "live, no generation, the same keys_changed_at",
	 .row = {.exists = true, .keys_changed_at = 9},
	 .others = {{.exists = true, .live = true, .generation_null = true, .keys_changed_at = 9}},
	 .wanted = HELD_BACK},
	{.name = "live, key time unknown",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .generation_null = true}},
	 .wanted = HELD_BACK},
	{.name = "live, key time unknown, another client_state",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .generation_null = true, .state = "bb"}},
	 .wanted = BOTH},
	{.name = "live, another keys_changed_at",
	 .row = {.exists = true, .keys_changed_at = 9},
	 .others = {{.exists = true, .live = true, .keys_changed_at = 10}},
	 .wanted = BOTH},

	// Others of the same user: the same node?
	{.name = "live on another node",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "https://n2"}},
	 .wanted = BOTH},
	{.name = "live on a missing node",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .nodeless = true}},
	 .wanted = BOTH},
	{.name = "live on the same node in capitals",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "HTTPS://N1"}},
	 .wanted = HELD_BACK},
	{.name = "live on the same node with its port",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "https://n1:443"}},
	 .wanted = HELD_BACK},
	{.name = "live on the same node with slashes",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "https://n1//"}},
	 .wanted = HELD_BACK},
	{.name = "live on the same host, another port",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "https://n1:444"}},
	 .wanted = BOTH},
	{.name = "live on the same host, another scheme",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "http://n1"}},
	 .wanted = BOTH},
	{.name = "live on the same host, another path",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "https://n1/a"}},
	 .wanted = BOTH},
	{.name = "live on the same path, written otherwise",
	 .row = {.exists = true, .node = "https://n1/a"},
	 .others = {{.exists = true, .live = true, .node = "https://n1/b/../a/"}},
	 .wanted = HELD_BACK,
	 .target = "https://n1/a"},
	{.name = "live on a node that is no address",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "n1"}},
	 .wanted = BOTH},
	{.name = "live on the same node, which is down, forced",
	 .force = true,
	 DOWN,
	 .others = {{.exists = true, .live = true}},
	 .wanted = HELD_BACK},

	// The override.
	{.name = "override, live on a third node",
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .live = true, .node = "https://n3"}},
	 .wanted = HELD_BACK,
	 .target = "https://o"},
	{.name = "override, live on a third node, nodes by uid",
	 .force = true,
	 .by_uid = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .live = true, .node = "https://n3"}},
	 .wanted = HELD_BACK,
	 .target = "https://o"},
	{.name = "override, live without node",
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .live = true, .nodeless = true}},
	 .wanted = HELD_BACK,
	 .target = "https://o"},
	{.name = "override, live with another key",
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .live = true, .state = "bb"}},
	 .wanted = BOTH,
	 .target = "https://o"},
	{.name = "override, live but retired",
	 .force = true,
	 .override = "https://o",
	 .row = {.exists = true, .downed = true, .keys_changed_at = 7},
	 .others =
		 {{.exists = true, .live = true, .keys_changed_at = 7, .generation = RULE_RETIRED}},
	 .wanted = HELD_BACK,
	 .target = "https://o"},
	{.name = "override, young on the override, but retired",
	 .force = true,
	 .override = "https://o",
	 .row = {.exists = true, .downed = true, .keys_changed_at = 7},
	 .others =
		 {{.exists = true,
		   .at = CUTOFF,
		   .node = "https://o",
		   .keys_changed_at = 7,
		   .generation = RULE_RETIRED}},
	 .wanted = BOTH,
	 .target = "https://o"},
	{.name = "override, young on a third node",
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .at = CUTOFF, .node = "https://n3"}},
	 .wanted = BOTH,
	 .target = "https://o"},
	{.name = "override, young on the override",
	 .force = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .at = CUTOFF, .node = "https://o/"}},
	 .wanted = HELD_BACK,
	 .target = "https://o"},
	{.name = "override, young on the override, nodes by uid",
	 .force = true,
	 .by_uid = true,
	 .override = "https://o",
	 DOWN,
	 .others = {{.exists = true, .at = CUTOFF, .node = "https://o"}},
	 .wanted = BOTH,
	 .target = "https://o"},
	{.name = "override that is the row's node, live on a third node",
	 .force = true,
	 .override = "https://N1:443/",
	 DOWN,
	 .others = {{.exists = true, .live = true, .node = "https://n3"}},
	 .wanted = BOTH,
	 .target = "https://N1:443/"},
	{.name = "override that is the row's node, live there, nodes by uid",
	 .force = true,
	 .by_uid = true,
	 .override = "https://n1",
	 DOWN,
	 .others = {{.exists = true, .live = true}},
	 .wanted = BOTH},
	{.name = "override that is not used, live on a third node",
	 .force = true,
	 .override = "https://o",
	 THE_ROW,
	 .others = {{.exists = true, .live = true, .node = "https://n3"}},
	 .wanted = BOTH},
};

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

static struct ruling decide(const struct rule_case *the_case) {
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

static void decides_every_case(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ruling ruling = decide(&cases[i]);
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

static void names_the_target(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *target = cases[i].target == NULL ? "https://n1" : cases[i].target;
		struct ruling ruling = decide(&cases[i]);

		if (cases[i].wanted != BOTH && cases[i].wanted != HELD_BACK)
			continue;
		if (ruling.target == NULL || strcmp(ruling.target, target) != 0)
			fail_msg("%s: %s", cases[i].name, ruling.target);
	}
}

static void counts_and_forces_by_the_node(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct record *row = &cases[i].row;
		struct ruling ruling = decide(&cases[i]);

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

static void computes_the_key_of_the_record(void **state) {
	const struct rule_case by_keys = {.row = {.exists = true, .keys_changed_at = 1234}};
	const struct rule_case without = {.row = {.exists = true, .state = "zz"}};
	struct ruling ruling = decide(&by_keys);

	(void)state;
	assert_string_equal(ruling.fxa_kid, "0000000001234-qg");
	ruling = decide(&without);
	assert_string_equal(ruling.fxa_kid, "");
}

static void looks_at_others_only_when_it_matters(void **state) {
	struct tokenserver_config config = {.node_keys = NODE_KEYS_FXA};

	(void)state;
	assert_true(rule_needs_others(&config));
	config.node_keys = NODE_KEYS_UID;
	assert_false(rule_needs_others(&config));
	config.override_node = (char *)"https://o";
	assert_true(rule_needs_others(&config));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_every_case),
		cmocka_unit_test(names_the_target),
		cmocka_unit_test(counts_and_forces_by_the_node),
		cmocka_unit_test(computes_the_key_of_the_record),
		cmocka_unit_test(looks_at_others_only_when_it_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
