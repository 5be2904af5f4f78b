// SPDX-License-Identifier: MPL-2.0
// tokenserver_place_test: cursors as the state topic keeps them.
#include "common/targets/tokenserver/place.h"
#include "support/test.h"

static void what_was_written_is_read(void **state) {
	static const struct place places[] = {
		{0, 0},
		{1500000000000, 42},
		{-1, INT64_MAX},
		{INT64_MAX, INT64_MAX},
		{INT64_MIN, INT64_MIN},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct place place;

		place_write(&places[i], text, sizeof(text));
		assert_true(place_read(text, &place));
		assert_int_equal(place.replaced_at, places[i].replaced_at);
		assert_int_equal(place.uid, places[i].uid);
	}
}

static void is_the_time_and_then_the_user(void **state) {
	char text[64];

	(void)state;
	place_write(&(struct place){.replaced_at = 1500000000000, .uid = 42}, text, sizeof(text));
	assert_string_equal(text, "1500000000000/42");
}

static void anything_else_is_no_place(void **state) {
	static const char *const texts[] = {
		"",
		"/",
		"5",
		"5/",
		"/6",
		"5/6/7",
		"5/6 ",
		"5/ 6",
		"a/6",
		"5/b",
		"5,6",
		"9223372036854775808/1",
		"1/9223372036854775808",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct place place;

		print_message("%s\n", texts[i]);
		assert_false(place_read(texts[i], &place));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(is_the_time_and_then_the_user),
		cmocka_unit_test(anything_else_is_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
