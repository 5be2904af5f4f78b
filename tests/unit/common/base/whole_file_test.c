// SPDX-License-Identifier: MPL-2.0
// whole_file_test: what a file says, up to a bound.
#include "support/test.h"

#include "common/base/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Of a file in memory that has these bytes.
static int read_bytes(struct whole_file *out, const char *bytes, size_t len, size_t bound) {
	int fd = memfd_create("file", MFD_CLOEXEC);
	char path[64];
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = whole_file_read(out, path, bound);
	close(fd);
	return err;
}

static void reads_all_bytes_and_ends_them_with_a_nul(void **state) {
	struct whole_file file;

	(void)state;
	assert_int_equal(read_bytes(&file, "one\0two\n", 8, 100), 0);
	assert_int_equal(file.len, 8);
	assert_memory_equal(file.text, "one\0two\n", 9);
	whole_file_free(&file);
	assert_null(file.text);
}

static void reads_an_empty_file_as_an_empty_text(void **state) {
	struct whole_file file;

	(void)state;
	assert_int_equal(read_bytes(&file, "", 0, 100), 0);
	assert_int_equal(file.len, 0);
	assert_string_equal(file.text, "");
	whole_file_free(&file);
}

static void refuses_a_file_that_reaches_the_bound(void **state) {
	struct whole_file file;

	(void)state;
	assert_int_equal(read_bytes(&file, "12345", 5, 6), 0);
	assert_string_equal(file.text, "12345");
	whole_file_free(&file);
	assert_int_equal(read_bytes(&file, "12345", 5, 5), -EFBIG);
	assert_null(file.text);
	assert_int_equal(read_bytes(&file, "12345", 5, 4), -EFBIG);
	assert_null(file.text);
	assert_int_equal(file.len, 0);
}

static void says_why_a_file_cannot_be_read(void **state) {
	struct whole_file file;

	(void)state;
	assert_int_equal(whole_file_read(&file, "/proc/self/there-is-none", 9), -ENOENT);
	assert_null(file.text);
	assert_int_equal(whole_file_read(&file, "/", 9), -EISDIR);
	assert_null(file.text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_bytes_and_ends_them_with_a_nul),
		cmocka_unit_test(reads_an_empty_file_as_an_empty_text),
		cmocka_unit_test(refuses_a_file_that_reaches_the_bound),
		cmocka_unit_test(says_why_a_file_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
