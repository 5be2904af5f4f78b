// SPDX-License-Identifier: MPL-2.0
// tokenserver_rule_test: what is purged: every row of the table of a record, its node and what
// cannot be signed or contacted.
#include "support/test.h"
#include "support/tokenserver_rule_case.h"

#include "common/targets/tokenserver/rule.h"

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
};

enum { COUNT = sizeof(cases) / sizeof(cases[0]) };

static void decides_every_case(void **state) {
	(void)state;
	rule_cases_assert_decided(cases, COUNT);
}

static void names_the_target(void **state) {
	(void)state;
	rule_cases_assert_target(cases, COUNT);
}

static void counts_and_forces_by_the_node(void **state) {
	(void)state;
	rule_cases_assert_node(cases, COUNT);
}

static void computes_the_key_of_the_record(void **state) {
	const struct rule_case by_keys = {.row = {.exists = true, .keys_changed_at = 1234}};
	const struct rule_case without = {.row = {.exists = true, .state = "zz"}};
	struct ruling ruling = rule_case_decide(&by_keys);

	(void)state;
	assert_string_equal(ruling.fxa_kid, "0000000001234-qg");
	ruling = rule_case_decide(&without);
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
