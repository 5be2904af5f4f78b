// SPDX-License-Identifier: MPL-2.0
// softdelete_mark_test: the condition that scan, dry run and DELETE share.
#include "common/targets/softdelete/schema/mark.h"
#include "support/test.h"

static void assert_condition(const struct mark *mark, const char *alias, const char *expected) {
	struct buf sql;

	buf_init(&sql, 0);
	mark_add(&sql, mark, alias);
	assert_int_equal(sql.error, 0);
	assert_string_equal(buf_text(&sql), expected);
	buf_fini(&sql);
}

static void nothing_before_1971_is_a_time_of_deletion(void **state) {
	const struct table date = {.age = "at", .age_kind = AGE_DATETIME};
	const struct table ms = {.age = "at", .age_kind = AGE_MS};
	const struct table s = {.age = "at", .age_kind = AGE_S};

	(void)state;
	assert_condition(
		&(struct mark){&date, "2020-01-01", false},
		NULL,
		"`at` >= '1971-01-01 00:00:00' AND `at` < '2020-01-01'"
	);
	assert_condition(
		&(struct mark){&ms, "9", false}, NULL, "`at` >= '31536000000' AND `at` < '9'"
	);
	assert_condition(
		&(struct mark){&s, "9", false}, "t", "t.`at` >= '31536000' AND t.`at` < '9'"
	);
}

static void a_flag_counts_only_when_it_is_required(void **state) {
	struct table table = {.age = "at", .age_kind = AGE_S, .flag = "gone"};

	(void)state;
	assert_condition(
		&(struct mark){&table, "9", false}, NULL, "`at` >= '31536000' AND `at` < '9'"
	);
	assert_condition(
		&(struct mark){&table, "9", true},
		NULL,
		"`at` >= '31536000' AND `at` < '9' AND `gone` <> 0"
	);
}

static void words_of_a_flag_cannot_leave_their_literal(void **state) {
	const struct table deleted = {
		.age = "at", .age_kind = AGE_S, .flag = "gone", .flag_deleted = "y'"};
	const struct table live = {
		.age = "at", .age_kind = AGE_S, .flag = "gone", .flag_live = "n'"};

	(void)state;
	assert_condition(
		&(struct mark){&deleted, "9", true},
		NULL,
		"`at` >= '31536000' AND `at` < '9' AND "
		"CAST(CONVERT(`gone` USING utf8mb4) AS BINARY) = X'7927'"
	);
	assert_condition(
		&(struct mark){&live, "9", true},
		"t",
		"t.`at` >= '31536000' AND t.`at` < '9' AND "
		"CAST(LOWER(TRIM(CONVERT(t.`gone` USING utf8mb4))) AS BINARY) NOT IN ('', "
		"CAST(LOWER(CONVERT(X'6E27' USING utf8mb4)) AS BINARY))"
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_before_1971_is_a_time_of_deletion),
		cmocka_unit_test(a_flag_counts_only_when_it_is_required),
		cmocka_unit_test(words_of_a_flag_cannot_leave_their_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
