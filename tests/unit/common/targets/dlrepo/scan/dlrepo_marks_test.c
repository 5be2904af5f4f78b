// SPDX-License-Identifier: MPL-2.0
// dlrepo_marks_test: which names were orphans when they were counted.
#include "support/test.h"

#include "common/targets/dlrepo/scan/marks.h"

#include <stdio.h>

enum { NAMES = 20000 };

static void name_of(int index, char out[32]) {
	snprintf(out, 32, "%08x", (unsigned)index);
}

static size_t count_marked(const struct marks *marks, const char *dir, int from) {
	size_t count = 0;
	char name[32];

	for (int i = from; i < from + NAMES; i++) {
		name_of(i, name);
		count += marks_has(marks, dir, name);
	}
	return count;
}

static void all_that_were_marked_are_found_and_few_others(void **state) {
	struct marks *marks = marks_new();
	char name[32];

	(void)state;
	assert_non_null(marks);
	assert_int_equal(count_marked(marks, ".blobs/sha256/e3", 0), 0);
	for (int i = 0; i < NAMES; i++) {
		name_of(i, name);
		marks_add(marks, ".blobs/sha256/e3", name);
	}
	assert_int_equal(count_marked(marks, ".blobs/sha256/e3", 0), NAMES);
	assert_true(count_marked(marks, ".blobs/sha256/e3", NAMES) < NAMES / 100);
	assert_true(count_marked(marks, ".blobs/sha256/e4", 0) < NAMES / 100);
	marks_free(marks);
}

static void names_may_have_any_bytes(void **state) {
	struct marks *marks = marks_new();

	(void)state;
	marks_add(marks, "", "");
	marks_add(marks, ".uploads", "\xff\xfe\x01");
	assert_true(marks_has(marks, "", ""));
	assert_true(marks_has(marks, ".uploads", "\xff\xfe\x01"));
	assert_false(marks_has(marks, ".uploads", "\xff\xfe\x02"));
	marks_free(marks);
	marks_free(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_were_marked_are_found_and_few_others),
		cmocka_unit_test(names_may_have_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
