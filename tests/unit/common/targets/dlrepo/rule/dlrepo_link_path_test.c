// SPDX-License-Identifier: MPL-2.0
// dlrepo_link_path_test: where a symbolic link leads to, by its text alone.
#include "support/test.h"

#include "common/targets/dlrepo/rule/link_path.h"

#include <errno.h>
#include <string.h>

#define JOB "branches/b/t/j"

struct row {
	const char *dir;
	const char *text;
	const char *path; // NULL: err
	int err;
};

static void assert_paths(const struct row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		char path[100] = "untouched";
		int err = link_path(rows[i].dir, rows[i].text, path, sizeof(path));

		if (err != rows[i].err || (rows[i].path != NULL && strcmp(path, rows[i].path) != 0))
			fail_msg("'%s': %d, '%s'", rows[i].text, err, path);
	}
}

static void leads_down_and_up(void **state) {
	static const struct row rows[] = {
		{JOB, "../../../../products/p/v/b/1", "products/p/v/b/1", 0},
		{JOB, "x", JOB "/x", 0},
		{JOB, "x/y", JOB "/x/y", 0},
		{JOB, "..", "branches/b/t", 0},
		{JOB, "../", "branches/b/t", 0},
		{JOB, ".", JOB, 0},
		{JOB, "./x/./y//z/", JOB "/x/y/z", 0},
		{JOB, "x/../y", JOB "/y", 0},
		{JOB, "...", JOB "/...", 0},
		{JOB, "..x", JOB "/..x", 0},
		{JOB, "../../../../a\xff b", "a\xff b", 0},
		{JOB, "", JOB, 0},
		{"", "x", "x", 0},
	};

	(void)state;
	assert_paths(rows, sizeof(rows) / sizeof(rows[0]));
}

static void never_leaves_the_root(void **state) {
	static const struct row rows[] = {
		{JOB, "/", NULL, -EINVAL},
		{JOB, "/products/p", NULL, -EINVAL},
		{JOB, "../../../../..", NULL, -EINVAL},
		{JOB, "../../../../../products/p", NULL, -EINVAL},
		{JOB, "../../../../../root/branches", NULL, -EINVAL},
		{JOB, "x/../../../../../../etc", NULL, -EINVAL},
		{"", "..", NULL, -EINVAL},
	};

	(void)state;
	assert_paths(rows, sizeof(rows) / sizeof(rows[0]));
}

static void one_that_ends_at_the_root_leads_nowhere(void **state) {
	static const struct row rows[] = {
		{JOB, "../../../..", NULL, -EINVAL},
		{JOB, "../../../../x/..", NULL, -EINVAL},
		{"", ".", NULL, -EINVAL},
	};

	(void)state;
	assert_paths(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_is_too_long_is_refused_and_not_cut(void **state) {
	char path[8];

	(void)state;
	assert_int_equal(link_path("abc", "efg", path, sizeof(path)), 0);
	assert_string_equal(path, "abc/efg");
	assert_int_equal(link_path("abc", "efgh", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(link_path("abcdefg", ".", path, sizeof(path)), 0);
	assert_int_equal(link_path("abcdefgh", ".", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(link_path("abcdefgh", "..", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(link_path("a", "b", path, 0), -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leads_down_and_up),
		cmocka_unit_test(never_leaves_the_root),
		cmocka_unit_test(one_that_ends_at_the_root_leads_nowhere),
		cmocka_unit_test(what_is_too_long_is_refused_and_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
