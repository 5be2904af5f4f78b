// SPDX-License-Identifier: MPL-2.0
// swift_in_work_test: a container is in work once at a time.
#include "support/test.h"

#include "common/targets/swift/reaping/in_work.h"

#include <errno.h>

#define NAME(text) ((struct name_part){text, sizeof(text) - 1})

static void what_is_in_work_is_not_begun_again_before_it_is_left(void **state) {
	struct in_work *works = in_work_new();
	struct in_work_place *first, *again;

	(void)state;
	assert_int_equal(in_work_enter(works, NAME("AUTH_a"), NAME("c"), &first), 0);
	assert_non_null(first);
	assert_int_equal(in_work_enter(works, NAME("AUTH_a"), NAME("c"), &again), -EALREADY);
	assert_null(again);
	in_work_leave(works, again);
	assert_int_equal(in_work_enter(works, NAME("AUTH_a"), NAME("c"), &again), -EALREADY);
	in_work_leave(works, first);
	assert_int_equal(in_work_enter(works, NAME("AUTH_a"), NAME("c"), &again), 0);
	in_work_leave(works, again);
	in_work_free(works);
}

static void names_are_whole_and_of_any_bytes(void **state) {
	static const struct name_part names[][2] = {
		{{"a", 1}, {"bc", 2}},
		{{"ab", 2}, {"c", 1}},
		{{"a", 1}, {"b", 1}},
		{{"a", 1}, {"b\0c", 3}},
		{{"a", 1}, {"b\0d", 3}},
	};
	enum { NAMES = sizeof(names) / sizeof(names[0]) };
	struct in_work_place *places[NAMES];
	struct in_work *works = in_work_new();

	(void)state;
	for (size_t i = 0; i < NAMES; i++)
		assert_int_equal(in_work_enter(works, names[i][0], names[i][1], &places[i]), 0);
	for (size_t i = 0; i < NAMES; i++)
		in_work_leave(works, places[i]);
	in_work_free(works);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_work_is_not_begun_again_before_it_is_left),
		cmocka_unit_test(names_are_whole_and_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
