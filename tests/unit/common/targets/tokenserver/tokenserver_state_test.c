// SPDX-License-Identifier: MPL-2.0
// tokenserver_state_test: what a candidate carries comes back as it was, or is refused.
#include "support/test.h"

#include "common/pack/pack.h"
#include "common/targets/tokenserver/state.h"

#include <errno.h>
#include <string.h>

// Packs `from` and reads it back. Returns what state_unpack does.
static int carry(const struct state *from, struct state *to) {
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;
	int err;
	assert_non_null(pack);
	assert_int_equal(state_pack(from, pack, &data, &len), 0);
	memset(to, 0, sizeof(*to));
	err = state_unpack(to, data, len);
	pack_free(pack);
	return err;
}

static struct state whole_state(void) {
	return (struct state){
		.nodeid = 3,
		.send_delete = true,
		.node = (char *)"https://n1",
		.fxa_uid = (char *)"f0a",
		.fxa_kid = (char *)"0000000000005-qg",
	};
}

static void an_empty_fxa_uid_is_one(void **state) {
	(void)state;
	struct state from = whole_state();
	struct state to;
	from.fxa_uid = (char *)"";
	assert_int_equal(carry(&from, &to), 0);
	assert_string_equal(to.fxa_uid, "");
	assert_string_equal(to.node, "https://n1");
	state_fini(&to);
}

static void a_delete_wants_to_know_where_and_of_whom(void **state) {
	(void)state;
	static const char *const cases[][3] = {
		// node, fxa_uid, fxa_kid
		{NULL, "u", "k"},
		{"", "u", "k"},
		{"n", NULL, "k"},
		{"n", "u", NULL},
		{"n", "u", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state from = whole_state();
		struct state to;
		from.node = (char *)cases[i][0];
		from.fxa_uid = (char *)cases[i][1];
		from.fxa_kid = (char *)cases[i][2];
		assert_int_equal(carry(&from, &to), -EBADMSG);
		assert_null(to.node);
		assert_null(to.fxa_uid);
		from.fault = (char[]){"known"};
		assert_int_equal(carry(&from, &to), 0);
		assert_string_equal(to.fault, "known");
		state_fini(&to);
	}
}

static void a_row_alone_wants_nothing(void **state) {
	(void)state;
	struct state from = {.nodeid = 3, .nodeless = true};
	struct state to;
	assert_int_equal(carry(&from, &to), 0);
	assert_true(to.nodeless);
	assert_false(to.send_delete);
	assert_int_equal(to.nodeid, 3);
	state_fini(&to);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_fxa_uid_is_one),
		cmocka_unit_test(a_delete_wants_to_know_where_and_of_whom),
		cmocka_unit_test(a_row_alone_wants_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
