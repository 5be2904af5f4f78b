// SPDX-License-Identifier: MPL-2.0
// gone_row_test: a row by what its record says, and which uids a table may have had.
#include "support/test.h"

#include "common/targets/tokenserver/gone_row.h"
#include "common/targets/tokenserver/node/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int make(struct user_row *row, const char *uid, const char *kid) {
	char node[] = "https://n1", user[64], key[IDENTITY_KID_BYTES];
	struct state state = {
		.replaced_at = 5,
		.nodeid = 3,
		.node = node,
	};

	snprintf(user, sizeof(user), "%s", uid == NULL ? "" : uid);
	snprintf(key, sizeof(key), "%s", kid == NULL ? "" : kid);
	state.fxa_uid = uid == NULL ? NULL : user;
	state.fxa_kid = kid == NULL ? NULL : key;
	return gone_row_make(row, 7, &state);
}

static void a_record_makes_the_row_that_it_was_made_of(void **state) {
	static const struct {
		int64_t changed;
		const char *client_state;
	} rows[] = {
		{1500000000001, "00112233445566778899aabbccddeeff"},
		{0, "ff"},
		{7, ""},
		{-5, "fbff"},
		{INT64_MIN, "fb"},
		{INT64_MAX, "fbfbfb"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char kid[IDENTITY_KID_BYTES];
		struct user_row row;

		assert_int_equal(
			identity_kid(kid, rows[i].changed, rows[i].changed, rows[i].client_state), 0
		);
		assert_int_equal(make(&row, "some", kid), 0);
		assert_int_equal(row.uid, 7);
		assert_true(row.is_replaced && user_row_has_key_time(&row));
		assert_int_equal(row.replaced_at, 5);
		assert_int_equal(row.nodeid, 3);
		assert_int_equal(row.keys_changed_at, rows[i].changed);
		assert_string_equal(row.client_state, rows[i].client_state);
		assert_string_equal(row.email, "some");
		assert_string_equal(row.node, "https://n1");
		user_row_fini(&row);
	}
}

static void what_a_record_does_not_say_makes_none(void **state) {
	static const char *const kids[] = {
		"",
		"-",
		"x-AA",
		"1500000000001",
		"1500000000001-A",
		"1500000000001-A=",
		"15-AA",
		"99999999999999999999-AA",
		"+000000000005-AA",
		"0000000000005-AB",
	};
	struct user_row row;
	(void)state;
	for (size_t i = 0; i < sizeof(kids) / sizeof(kids[0]); i++)
		assert_int_equal(make(&row, "some", kids[i]), -EINVAL);
	assert_int_equal(make(&row, "some", NULL), -EINVAL);
	assert_int_equal(make(&row, NULL, "0000000000005-AA"), -EINVAL);
}

static void the_next_uid_stands_behind_the_columns(void **state) {
	(void)state;
	assert_int_equal(
		gone_row_next_uid(
			"CREATE TABLE `users` (\n  `uid` bigint(20) NOT NULL AUTO_INCREMENT,\n"
			"  PRIMARY KEY (`uid`)\n) ENGINE=InnoDB AUTO_INCREMENT=4711 DEFAULT "
			"CHARSET=utf8"
		),
		4711
	);
}

static void what_is_not_said_or_only_in_a_comment_is_no_next_uid(void **state) {
	(void)state;
	assert_int_equal(gone_row_next_uid(""), 0);
	assert_int_equal(gone_row_next_uid("x\n) ENGINE=InnoDB DEFAULT CHARSET=utf8"), 0);
	assert_int_equal(
		gone_row_next_uid(
			"`a` int COMMENT 'x AUTO_INCREMENT=5'\n) ENGINE=InnoDB COMMENT='is "
			"AUTO_INCREMENT=6'"
		),
		0
	);
	assert_int_equal(gone_row_next_uid("x\n) ENGINE=InnoDB AUTO_INCREMENT=x"), 0);
	assert_int_equal(
		gone_row_next_uid("x\n) ENGINE=InnoDB AUTO_INCREMENT=99999999999999999999"), 0
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_makes_the_row_that_it_was_made_of),
		cmocka_unit_test(what_a_record_does_not_say_makes_none),
		cmocka_unit_test(the_next_uid_stands_behind_the_columns),
		cmocka_unit_test(what_is_not_said_or_only_in_a_comment_is_no_next_uid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
