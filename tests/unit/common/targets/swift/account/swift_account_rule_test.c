// SPDX-License-Identifier: MPL-2.0
// swift_account_rule_test: is an account to be emptied?
#include "support/test.h"

#include "common/targets/swift/account/account_rule.h"

#define SECOND INT64_C(1000000)
#define DELETED_AT (INT64_C(1795880050) * SECOND)

static struct account_standing deleted(void) {
	return (struct account_standing){
		.status = "DELETED",
		.put_timestamp = "1795880000.00000",
		.delete_timestamp = "1795880050.00000",
		.containers = 4,
	};
}

static void assert_due(
	const struct account_standing *standing,
	int64_t after_us,
	int64_t delay_s,
	enum account_due wanted
) {
	const struct account_terms terms = {.now_us = DELETED_AT + after_us, .delay_s = delay_s};

	assert_int_equal(account_rule(standing, &terms), wanted);
}

static void the_status_says_that_it_is_deleted(void **state) {
	struct account_standing standing = deleted();

	(void)state;
	assert_due(&standing, SECOND, 0, ACCOUNT_DUE);
	// One replica was undeleted, and this is another one.
	standing.put_timestamp = "1795880060.00000";
	assert_due(&standing, SECOND, 0, ACCOUNT_DUE);
}

static void without_a_status_the_later_of_two_times_says_so(void **state) {
	struct account_standing standing = deleted();

	(void)state;
	standing.status = "";
	assert_due(&standing, SECOND, 0, ACCOUNT_DUE);
	standing.put_timestamp = "1795880060.00000";
	assert_due(&standing, SECOND, 0, ACCOUNT_LIVE);
	standing.put_timestamp = standing.delete_timestamp;
	assert_due(&standing, SECOND, 0, ACCOUNT_LIVE);
	standing.delete_timestamp = "0";
	assert_due(&standing, SECOND, 0, ACCOUNT_LIVE);
}

static void another_status_is_none(void **state) {
	static const char *const others[] = {"deleted", "DELETED ", "DELETE", "DELETEDX"};
	struct account_standing standing = deleted();

	(void)state;
	standing.delete_timestamp = "0";
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		standing.status = others[i];
		assert_due(&standing, SECOND, 0, ACCOUNT_LIVE);
	}
}

// An offset makes a time a later one, as texts are compared.
static void an_offset_makes_a_time_later_but_does_not_move_it(void **state) {
	struct account_standing standing = deleted();

	(void)state;
	standing.status = "";
	standing.put_timestamp = "1795880050.00000";
	standing.delete_timestamp = "1795880050.00000_00000000000000ff";
	assert_due(&standing, 1, 0, ACCOUNT_DUE);
	assert_due(&standing, 0, 0, ACCOUNT_YOUNG);
	standing.put_timestamp = "1795880050.00000_0000000000000100";
	assert_due(&standing, 1, 0, ACCOUNT_LIVE);
}

static void an_empty_one_has_neither_containers_nor_pending_ones(void **state) {
	struct account_standing standing = deleted();

	(void)state;
	standing.containers = 0;
	assert_due(&standing, SECOND, 0, ACCOUNT_EMPTY);
	assert_due(&standing, -SECOND, 100, ACCOUNT_EMPTY);
	standing.pending_bytes = 77;
	assert_due(&standing, SECOND, 0, ACCOUNT_DUE);
	standing.status = "";
	standing.delete_timestamp = "0";
	assert_due(&standing, SECOND, 0, ACCOUNT_LIVE);
}

static void it_stays_as_it_is_until_more_than_the_delay_is_over(void **state) {
	struct account_standing standing = deleted();

	(void)state;
	assert_due(&standing, -SECOND, 0, ACCOUNT_YOUNG);
	assert_due(&standing, 0, 0, ACCOUNT_YOUNG);
	assert_due(&standing, 1, 0, ACCOUNT_DUE);
	assert_due(&standing, 60 * SECOND, 60, ACCOUNT_YOUNG);
	assert_due(&standing, 60 * SECOND + 1, 60, ACCOUNT_DUE);
}

static void a_time_that_is_not_understood_is_odd(void **state) {
	static const char *const odd[] = {"", "yesterday", "-1", "1795880050.0000000"};
	struct account_standing standing = deleted();

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const struct account_terms terms = {.now_us = INT64_MAX};

		standing.delete_timestamp = odd[i];
		assert_due(&standing, SECOND, 0, ACCOUNT_ODD);
		assert_false(account_is_overdue(&standing, &terms));
	}
}

static void assert_overdue(int64_t after_us, int64_t delay_s, int64_t warn_after_s, bool wanted) {
	struct account_standing standing = deleted();
	const struct account_terms terms = {
		.now_us = DELETED_AT + after_us, .delay_s = delay_s, .warn_after_s = warn_after_s};

	assert_int_equal(account_is_overdue(&standing, &terms), wanted);
}

static void it_is_overdue_from_the_delay_and_the_patience_on(void **state) {
	(void)state;
	assert_overdue(30 * SECOND - 1, 10, 20, false);
	assert_overdue(30 * SECOND, 10, 20, true);
	assert_overdue(20 * SECOND, 10, 20, false);
	assert_overdue(0, 0, 0, true);
	assert_overdue(-1, 0, 0, false);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_says_that_it_is_deleted),
		cmocka_unit_test(without_a_status_the_later_of_two_times_says_so),
		cmocka_unit_test(another_status_is_none),
		cmocka_unit_test(an_offset_makes_a_time_later_but_does_not_move_it),
		cmocka_unit_test(an_empty_one_has_neither_containers_nor_pending_ones),
		cmocka_unit_test(it_stays_as_it_is_until_more_than_the_delay_is_over),
		cmocka_unit_test(a_time_that_is_not_understood_is_odd),
		cmocka_unit_test(it_is_overdue_from_the_delay_and_the_patience_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
