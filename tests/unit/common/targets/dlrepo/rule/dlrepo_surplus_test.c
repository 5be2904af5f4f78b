// SPDX-License-Identifier: MPL-2.0
// dlrepo_surplus_test: which tags of a branch are beyond its policy.
#include "support/test.h"

#include "common/targets/dlrepo/rule/surplus.h"

#include <stdio.h>
#include <string.h>

enum { TAGS_MOST = 8, TODAY_S = 1800000000 };

struct branch {
	struct tag tags[TAGS_MOST];
	size_t count;
};

static struct tag *add(struct branch *branch, const char *name, int64_t stamp_s) {
	struct tag *tag = &branch->tags[branch->count++];

	assert_true(branch->count <= TAGS_MOST);
	*tag = (struct tag){.name = (char *)name, .stamp.tv_sec = (time_t)stamp_s};
	return tag;
}

// All of them in their new order, those that go in brackets.
static void assert_marked(
	struct branch *branch, const struct policy *policy, const char *expected
) {
	char text[TAGS_MOST * 8] = "";

	surplus_mark(branch->tags, branch->count, policy);
	for (size_t i = 0; i < branch->count; i++) {
		const struct tag *tag = &branch->tags[i];
		size_t len = strlen(text);

		snprintf(
			text + len,
			sizeof(text) - len,
			tag->is_surplus ? "%s[%s]" : "%s%s",
			i == 0 ? "" : " ",
			tag->name
		);
	}
	assert_string_equal(text, expected);
}

static void the_newest_stay(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "b", 20);
	add(&branch, "c", 40);
	add(&branch, "a", 10);
	add(&branch, "d", 30);
	assert_marked(&branch, &(struct policy){.daily_max = 2}, "c d [b] [a]");
	assert_marked(&branch, &(struct policy){.daily_max = 4}, "c d b a");
	assert_marked(&branch, &(struct policy){.daily_max = INT64_MAX}, "c d b a");
}

static void a_policy_of_zero_keeps_all(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "a", 10);
	add(&branch, "b", 20)->is_released = true;
	add(&branch, "c", 30)->is_released = true;
	assert_marked(&branch, &(struct policy){.daily_max = 0}, "c b a");
	assert_marked(&branch, &(struct policy){.released_max = 1}, "c [b] a");
}

static void of_equals_the_lesser_name_stays(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "t2", 10);
	add(&branch, "t10", 10);
	add(&branch, "t\xc3\xa9", 10);
	add(&branch, "t1", 10);
	assert_marked(&branch, &(struct policy){.daily_max = 2}, "t1 t10 [t2] [t\xc3\xa9]");
}

static void one_without_a_stamp_is_the_oldest(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "a", 0);
	add(&branch, "b", 1);
	assert_marked(&branch, &(struct policy){.daily_max = 1}, "b [a]");
}

static void locked_ones_are_left_out_before_counting(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "a", 50)->is_locked = true;
	add(&branch, "b", 40);
	add(&branch, "c", 30);
	add(&branch, "d", 20)->is_locked = true;
	add(&branch, "e", 10);
	assert_marked(&branch, &(struct policy){.daily_max = 1}, "a b [c] d [e]");
}

static void released_ones_are_counted_apart(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "r1", 60)->is_released = true;
	add(&branch, "d1", 50);
	add(&branch, "r2", 40)->is_released = true;
	add(&branch, "d2", 30);
	add(&branch, "r3", 20)->is_released = true;
	add(&branch, "d3", 10);
	assert_marked(
		&branch,
		&(struct policy){.daily_max = 1, .released_max = 2},
		"r1 d1 r2 [d2] [r3] [d3]"
	);
}

// A double has steps of 238 ns today.
static void stamps_nearer_than_a_double_can_tell_apart_are_equal(void **state) {
	struct branch branch = {.count = 0};
	struct tag *newer;

	(void)state;
	add(&branch, "a", TODAY_S);
	newer = add(&branch, "b", TODAY_S);
	newer->stamp.tv_nsec = 100;
	assert_marked(&branch, &(struct policy){.daily_max = 1}, "a [b]");
	branch.tags[1].stamp.tv_nsec = 1000;
	assert_marked(&branch, &(struct policy){.daily_max = 1}, "b [a]");
}

static void what_was_marked_before_is_forgotten(void **state) {
	struct branch branch = {.count = 0};

	(void)state;
	add(&branch, "a", 10)->is_surplus = true;
	add(&branch, "b", 20)->is_surplus = true;
	branch.tags[1].is_locked = true;
	assert_marked(&branch, &(struct policy){.daily_max = 1}, "b a");
	surplus_mark(NULL, 0, &(struct policy){.daily_max = 1});
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_stay),
		cmocka_unit_test(a_policy_of_zero_keeps_all),
		cmocka_unit_test(of_equals_the_lesser_name_stays),
		cmocka_unit_test(one_without_a_stamp_is_the_oldest),
		cmocka_unit_test(locked_ones_are_left_out_before_counting),
		cmocka_unit_test(released_ones_are_counted_apart),
		cmocka_unit_test(stamps_nearer_than_a_double_can_tell_apart_are_equal),
		cmocka_unit_test(what_was_marked_before_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
