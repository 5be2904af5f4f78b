// SPDX-License-Identifier: MPL-2.0
// db_error_test: which error of the database means what.
#include "common/db/db_error.h"

#include <errno.h>

#include "support/test.h"

#define CLASS_MAX 13

struct class {
	int error;
	unsigned numbers[CLASS_MAX]; // ends with 0
};

static void sorts_the_numbers_that_the_header_names(void **state) {
	static const struct class classes[] = {
		{-EAGAIN, {1020, 1205, 1213, 1317}},
		{-EAGAIN, {1021, 1026, 1037, 1038, 1041, 1114, 1135, 1206, 1598}},
		{-ENOTCONN, {1040, 1047, 1053, 1290, 1792, 1836, 1927, 2002, 2003, 2006, 2013}},
		{-ENOTCONN, {3032}},
		{-ETIME, {1969, 3024}},
		{-EACCES, {1044, 1045, 1142, 1143, 1227, 1370, 1698, 2026, 3955, 4150, 4151}},
		{-ENOENT, {1049, 1054, 1146}},
		{-EBUSY, {1217, 1451}},
		{-EILSEQ, {1300, 1366}},
		{-ENOTSUP, {1665}},
		{-ENOMEM, {2008}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		for (size_t j = 0; classes[i].numbers[j] != 0; j++)
			assert_int_equal(db_error_class(classes[i].numbers[j]), classes[i].error);
	}
}

static void knows_no_error_without_a_number(void **state) {
	(void)state;
	assert_int_equal(db_error_class(0), 0);
}

static void tells_a_lock_that_was_waited_for_from_a_deadlock(void **state) {
	(void)state;
	assert_true(db_error_is_lock_wait(1205));
	assert_true(db_error_is_lock_wait(3572));
	assert_false(db_error_is_lock_wait(1213));
	assert_false(db_error_is_lock_wait(0));
}

static void blames_a_statement_only_when_the_connection_broke_under_it(void **state) {
	static const unsigned breaks[] = {1927, 2006, 2013, 2055, 5014};
	static const unsigned told[] = {1040, 1047, 1053, 1180, 1205, 1226, 1290, 2002, 2003, 3032};

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++)
		assert_true(db_error_is_break(breaks[i]));
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		assert_false(db_error_is_break(told[i]));
}

static void tells_a_limit_of_connections_from_a_server_that_is_away(void **state) {
	(void)state;
	assert_true(db_error_is_limit(1040) && db_error_is_limit(1203) && db_error_is_limit(1226));
	assert_false(db_error_is_limit(2002) || db_error_is_limit(1047) || db_error_is_limit(0));
}

static void calls_everything_else_an_input_output_error(void **state) {
	static const unsigned others[] = {1, 1062, 1064, 1193, 1452, 2000, 65535};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(db_error_class(others[i]), -EIO);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_the_numbers_that_the_header_names),
		cmocka_unit_test(knows_no_error_without_a_number),
		cmocka_unit_test(tells_a_lock_that_was_waited_for_from_a_deadlock),
		cmocka_unit_test(blames_a_statement_only_when_the_connection_broke_under_it),
		cmocka_unit_test(tells_a_limit_of_connections_from_a_server_that_is_away),
		cmocka_unit_test(calls_everything_else_an_input_output_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
