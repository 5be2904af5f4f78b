// SPDX-License-Identifier: MPL-2.0
// assignment_test: partitions are counted by topic, and what is no assignment is refused.
#include "support/test.h"

#include "worker/member/assignment.h"

#include <errno.h>
#include <string.h>

// Version 1: two partitions of "a", three of "bb"; then the user's data, of which there is none.
static const unsigned char two_topics[] = {
	0,    1,    0,    0,    0, 2, // version, topics
	0,    1,    'a',  0,    0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9, //
	0,    2,    'b',  'b',  0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, //
	0xff, 0xff, 0xff, 0xff,
};

static void counts_the_partitions_of_a_topic(void **state) {
	(void)state;
	static const struct {
		const char *topic;
		int32_t count;
	} rows[] = {{"a", 2}, {"bb", 3}, {"b", 0}, {"bbb", 0}, {"", 0}};
	int32_t count = -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			assignment_count(two_topics, sizeof(two_topics), rows[i].topic, &count), 0
		);
		assert_int_equal(count, rows[i].count);
	}
}

static void a_member_without_an_assignment_has_none(void **state) {
	(void)state;
	int32_t count = -1;
	assert_int_equal(assignment_count(NULL, 0, "a", &count), 0);
	assert_int_equal(count, 0);
}

static void refuses_what_is_cut_off_or_promises_too_much(void **state) {
	(void)state;
	unsigned char copy[sizeof(two_topics)];
	int32_t count;
	for (size_t len = 1; len < sizeof(two_topics) - 4; len++)
		assert_int_equal(assignment_count(two_topics, len, "a", &count), -EBADMSG);
	// The numbers of topics, letters and partitions.
	for (size_t at = 2; at < 13; at++) {
		if (at == 8)
			continue;
		memcpy(copy, two_topics, sizeof(copy));
		copy[at] = 0xff;
		assert_int_equal(assignment_count(copy, sizeof(copy), "a", &count), -EBADMSG);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_the_partitions_of_a_topic),
		cmocka_unit_test(a_member_without_an_assignment_has_none),
		cmocka_unit_test(refuses_what_is_cut_off_or_promises_too_much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
