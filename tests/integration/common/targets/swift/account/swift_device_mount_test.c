// SPDX-License-Identifier: MPL-2.0
// swift_device_mount_test: is a device there?
#include "support/test.h"

#include "common/targets/swift/account/device_mount.h"
#include "support/scratch.h"

#include <string.h>
#include <unistd.h>

static void a_name_has_only_what_a_url_leaves_as_it_is(void **state) {
	static const char *const names[] = {"sda", "sdb1", "d-0_A.x~", "0", "...", ".sda"};
	static const char *const others[] = {
		"",
		".",
		"..",
		"lost+found",
		"a b",
		"a/b",
		"a%20",
		"d\xC3\xA9",
		"a\n",
		"a:b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(device_mount_is_name(names[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(device_mount_is_name(others[i]));
}

static void a_mount_point_is_mounted(void **state) {
	(void)state;
	assert_true(device_mount_is_mounted("/"));
	assert_true(device_mount_is_mounted("/proc"));
	assert_false(device_mount_is_mounted("/proc/self"));
}

static void a_directory_is_not(void **state) {
	struct scratch *scratch = *state;

	scratch_make_dir(scratch, "sda");
	assert_false(device_mount_is_mounted(scratch_path(scratch, "sda")));
	scratch_make_dir(scratch, "sda/.ismount");
	assert_false(device_mount_is_mounted(scratch_path(scratch, "sda")));
}

static void what_is_no_directory_is_not(void **state) {
	struct scratch *scratch = *state;
	char path[5000];

	assert_false(device_mount_is_mounted(scratch_path(scratch, "nowhere")));
	scratch_make_file(scratch, "file", "", 0);
	assert_false(device_mount_is_mounted(scratch_path(scratch, "file")));
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_false(device_mount_is_mounted(path));
}

static void a_file_in_it_says_that_it_is(void **state) {
	struct scratch *scratch = *state;

	scratch_make_file(scratch, "sda/.ismount", "", 0);
	assert_true(device_mount_is_mounted(scratch_path(scratch, "sda")));
}

static void a_link_is_only_when_a_file_says_so(void **state) {
	struct scratch *scratch = *state;

	assert_int_equal(symlink("/proc", scratch_path(scratch, "proc")), 0);
	assert_false(device_mount_is_mounted(scratch_path(scratch, "proc")));
	scratch_make_file(scratch, "aside/.ismount", "", 0);
	assert_int_equal(symlink("aside", scratch_path(scratch, "sda")), 0);
	assert_true(device_mount_is_mounted(scratch_path(scratch, "sda")));
	assert_int_equal(symlink("nowhere", scratch_path(scratch, "sdb")), 0);
	assert_false(device_mount_is_mounted(scratch_path(scratch, "sdb")));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_only_what_a_url_leaves_as_it_is),
		cmocka_unit_test(a_mount_point_is_mounted),
		WITH_A_SCRATCH(a_directory_is_not),
		WITH_A_SCRATCH(what_is_no_directory_is_not),
		WITH_A_SCRATCH(a_file_in_it_says_that_it_is),
		WITH_A_SCRATCH(a_link_is_only_when_a_file_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
