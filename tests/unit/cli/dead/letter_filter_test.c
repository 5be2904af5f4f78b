// SPDX-License-Identifier: MPL-2.0
// letter_filter_test: which letters an operator means.
#include "support/test.h"

#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_reason.h"

#include <string.h>

static char key[] = "17";
static char node[] = "https://node-1.example";
static char place[] = "purge.fruit/3/4711";

static struct candidate candidate = {.id = key, .key = 17};
static const struct letter letter = {
	.key = key,
	.key_bytes = 2,
	.stamp_ms = 1000,
	.node = node,
	.candidate = &candidate,
};
static const struct letter undecodable = {
	.key = place,
	.key_bytes = sizeof(place) - 1,
	.stamp_ms = -1,
	.reason = LETTER_UNDECODABLE,
	.head.fault = "not_a_map",
};

#define TAKES(which, ...) letter_filter_takes(&(struct letter_filter){__VA_ARGS__}, &(which))

static void takes_all_when_nothing_is_asked_for(void **state) {
	(void)state;
	assert_true(TAKES(letter, .reasons = 0));
	assert_true(TAKES(undecodable, .reasons = 0));
}

static void by_reason(void **state) {
	unsigned both = 1U << 0 | 1U << LETTER_UNDECODABLE;

	(void)state;
	assert_true(TAKES(letter, .reasons = 1));
	assert_false(TAKES(undecodable, .reasons = 1));
	assert_false(TAKES(letter, .reasons = 2));
	assert_true(TAKES(letter, .reasons = both));
	assert_true(TAKES(undecodable, .reasons = both));
}

static void by_node_however_its_end_is_written(void **state) {
	(void)state;
	assert_true(TAKES(letter, .node = "https://node-1.example"));
	assert_true(TAKES(letter, .node = "https://node-1.example//"));
	assert_false(TAKES(letter, .node = "https://node-1.exampl"));
	assert_false(TAKES(letter, .node = "https://node-1.example.org"));
	assert_false(TAKES(undecodable, .node = "https://node-1.example"));
	assert_false(TAKES(undecodable, .node = ""));
}

static void by_a_range_without_its_ends(void **state) {
	(void)state;
	assert_true(TAKES(letter, .has_range_start = true, .range_start = 16));
	assert_false(TAKES(letter, .has_range_start = true, .range_start = 17));
	assert_true(TAKES(letter, .has_range_end = true, .range_end = 18));
	assert_false(TAKES(letter, .has_range_end = true, .range_end = 17));
	assert_true(
		TAKES(letter,
		      .has_range_start = true,
		      .range_start = 16,
		      .has_range_end = true,
		      .range_end = 18)
	);
	assert_false(TAKES(undecodable, .has_range_start = true, .range_start = INT64_MIN));
}

static void by_time(void **state) {
	(void)state;
	assert_true(TAKES(letter, .has_before = true, .before_ms = 1001));
	assert_false(TAKES(letter, .has_before = true, .before_ms = 1000));
	assert_true(TAKES(letter, .has_after = true, .after_ms = 999));
	assert_false(TAKES(letter, .has_after = true, .after_ms = 1000));
	assert_false(TAKES(undecodable, .has_before = true, .before_ms = INT64_MAX));
}

static void by_the_record_or_the_key(void **state) {
	(void)state;
	assert_true(TAKES(letter, .id = "17"));
	assert_false(TAKES(letter, .id = "1"));
	assert_true(TAKES(undecodable, .id = "purge.fruit/3/4711"));
}

static void all_that_is_asked_for_must_hold(void **state) {
	(void)state;
	assert_true(TAKES(letter, .reasons = 1, .node = node, .id = "17"));
	assert_false(TAKES(letter, .reasons = 1, .node = node, .id = "18"));
	assert_false(TAKES(letter, .reasons = 2, .node = node, .id = "17"));
}

static void every_reason_has_a_word_and_every_word_is_found(void **state) {
	(void)state;
	for (int i = 0; i < LETTER_REASONS; i++) {
		const char *name = letter_reason_name(i);

		assert_int_equal(letter_reason_find(name), i);
		assert_int_equal(letter_reason_of(name, strlen(name)), i);
	}
	assert_string_equal(letter_reason_name(0), "http_4xx");
	assert_int_equal(letter_reason_find("http_4"), -1);
	assert_int_equal(letter_reason_find("young"), -1);
	assert_int_equal(letter_reason_of("young", 5), LETTER_OTHER);
	assert_int_equal(letter_reason_of("", 0), LETTER_OTHER);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_when_nothing_is_asked_for),
		cmocka_unit_test(by_reason),
		cmocka_unit_test(by_node_however_its_end_is_written),
		cmocka_unit_test(by_a_range_without_its_ends),
		cmocka_unit_test(by_time),
		cmocka_unit_test(by_the_record_or_the_key),
		cmocka_unit_test(all_that_is_asked_for_must_hold),
		cmocka_unit_test(every_reason_has_a_word_and_every_word_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
