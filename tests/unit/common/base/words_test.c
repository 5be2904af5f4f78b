// SPDX-License-Identifier: MPL-2.0
// words_test: words about what is wrong.
#include "support/test.h"

#include "common/base/words.h"

#include <errno.h>

static void writes_the_words_and_returns_the_error(void **state) {
	char text[32] = "before";
	const struct words words = {.text = text, .bytes = sizeof(text)};

	(void)state;
	assert_int_equal(words_say(&words, -ENOENT, "no table '%s'", "users"), -ENOENT);
	assert_string_equal(text, "no table 'users'");
	assert_int_equal(words_say(&words, -EACCES, "no"), -EACCES);
	assert_string_equal(text, "no");
}

static void cuts_what_has_no_room(void **state) {
	char text[8] = "1234567";
	const struct words words = {.text = text, .bytes = 5};

	(void)state;
	assert_int_equal(words_say(&words, -EINVAL, "abcdefgh"), -EINVAL);
	assert_string_equal(text, "abcd");
	assert_string_equal(text + 5, "67");
}

static void writes_nothing_where_nobody_wants_words(void **state) {
	const struct words words = {.text = NULL};

	(void)state;
	assert_int_equal(words_say(&words, -EINVAL, "abc"), -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_words_and_returns_the_error),
		cmocka_unit_test(cuts_what_has_no_room),
		cmocka_unit_test(writes_nothing_where_nobody_wants_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
