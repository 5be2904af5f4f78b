// SPDX-License-Identifier: MPL-2.0
// dlrepo_record_id_test: a record is called by its path as far as that is text.
#include "support/test.h"

#include "common/kafka/record.h"
#include "common/targets/dlrepo/record/record_id.h"

#include <string.h>

_Static_assert((int)RECORD_ID_TEXT_BYTES <= (int)RECORD_ID_BYTES, "a topic takes it");

static void a_path_that_is_text_is_the_name(void **state) {
	char id[RECORD_ID_TEXT_BYTES];

	(void)state;
	record_id("main", "ßx 1", id);
	assert_string_equal(id, "main/ßx 1");
}

static void the_key_is_the_same_everywhere_and_no_less_than_zero(void **state) {
	char id[RECORD_ID_TEXT_BYTES];

	(void)state;
	assert_int_equal(record_id("main", "t1", id), 63290902172712093);
	assert_int_not_equal(record_id("main", "t2", id), 63290902172712093);
	for (int i = 1; i < 256; i++) {
		const char name[] = {(char)i, '\0'};

		assert_true(record_id("b", name, id) >= 0);
	}
}

static void bytes_that_are_no_text_are_left_out_and_told_apart(void **state) {
	char one[RECORD_ID_TEXT_BYTES], other[RECORD_ID_TEXT_BYTES];

	(void)state;
	record_id("main", "t\xff", one);
	record_id("main", "t\xfe", other);
	assert_memory_equal(one, "main/t~", 7);
	assert_memory_equal(other, "main/t~", 7);
	assert_int_equal(strlen(one), 7 + 16);
	assert_string_not_equal(one, other);
}

static void a_long_path_is_cut_between_characters(void **state) {
	char dir[700], one[RECORD_ID_TEXT_BYTES], other[RECORD_ID_TEXT_BYTES];

	(void)state;
	memset(dir, 'd', sizeof(dir));
	dir[493] = '\0';
	record_id(dir, "", one);
	assert_int_equal(strlen(one), 494);
	for (size_t len = 480; len < sizeof(dir); len++) {
		memset(dir, 'd', sizeof(dir));
		dir[len] = '\0';
		record_id(dir, "ä-first", one);
		record_id(dir, "ä-other", other);
		assert_true(strlen(one) < RECORD_ID_TEXT_BYTES);
		assert_string_not_equal(one, other);
		assert_true(strstr(one, "\xc3~") == NULL);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_that_is_text_is_the_name),
		cmocka_unit_test(the_key_is_the_same_everywhere_and_no_less_than_zero),
		cmocka_unit_test(bytes_that_are_no_text_are_left_out_and_told_apart),
		cmocka_unit_test(a_long_path_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
