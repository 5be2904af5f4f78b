// SPDX-License-Identifier: MPL-2.0
// letter_index_test: of several letters of one key the last one counts.
#include "support/test.h"

#include "cli/dead/letter_index.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct letter_index *letter_index;

static int set_up(void **state) {
	(void)state;
	letter_index = letter_index_new();
	return letter_index == NULL ? -1 : 0;
}

static int tear_down(void **state) {
	(void)state;
	letter_index_free(letter_index);
	return 0;
}

static void note(const char *key, int32_t partition, int64_t offset) {
	assert_int_equal(letter_index_note(letter_index, key, strlen(key), partition, offset), 0);
}

static int64_t last(const char *key, int32_t partition) {
	return letter_index_last(letter_index, key, strlen(key), partition);
}

static void the_last_one_of_a_key_counts(void **state) {
	(void)state;
	assert_int_equal(last("17", 0), -1);
	note("17", 0, 3);
	note("18", 0, 4);
	note("17", 0, 9);
	assert_int_equal(last("17", 0), 9);
	assert_int_equal(last("18", 0), 4);
	assert_int_equal(last("1", 0), -1);
	assert_int_equal(last("", 0), -1);
}

static void partitions_have_keys_of_their_own(void **state) {
	(void)state;
	note("17", 0, 3);
	note("17", 2, 1);
	assert_int_equal(last("17", 0), 3);
	assert_int_equal(last("17", 1), -1);
	assert_int_equal(last("17", 2), 1);
}

static void knows_how_far_each_partition_was_read(void **state) {
	(void)state;
	note("17", 2, 7);
	assert_int_equal(letter_index_end(letter_index, 2), 8);
	assert_int_equal(letter_index_end(letter_index, 0), 0);
	assert_int_equal(letter_index_end(letter_index, 5), 0);
	assert_int_equal(letter_index_pass(letter_index, 2, 11), 0);
	assert_int_equal(letter_index_end(letter_index, 2), 12);
	assert_int_equal(letter_index_pass(letter_index, 2, 9), 0);
	assert_int_equal(letter_index_end(letter_index, 2), 12);
	assert_int_equal(last("17", 2), 7);
}

static void finds_every_one_of_many(void **state) {
	enum { MANY = 100000 };
	char key[24];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			snprintf(key, sizeof(key), "%d", i);
			note(key, i % 7, (int64_t)round * MANY + i);
		}
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "%d", i);
		assert_int_equal(last(key, i % 7), MANY + i);
	}
}

static void no_offset_of_kafka_is_refused(void **state) {
	(void)state;
	assert_int_equal(letter_index_note(letter_index, "1", 1, 0, -1), -ERANGE);
	assert_int_equal(letter_index_note(letter_index, "1", 1, -1, 0), -ERANGE);
	assert_int_equal(letter_index_note(letter_index, "1", 1, 0, INT64_MAX), -ERANGE);
	assert_int_equal(last("1", 0), -1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_last_one_of_a_key_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			partitions_have_keys_of_their_own, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			knows_how_far_each_partition_was_read, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(finds_every_one_of_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_offset_of_kafka_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
