// SPDX-License-Identifier: MPL-2.0
// swift_ring_file_test: gzip files, whole and damaged.
#include "support/test.h"

#include "common/targets/swift/ring/ring_file.h"
#include "support/gzip_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BOUND = 3000000 };

static int read_file(
	const struct gzip_file *file, unsigned char **out, size_t *len, char error[256]
) {
	error[0] = '\0';
	return ring_file_read(file->path, BOUND, out, len, error, 256);
}

static void assert_refused(const struct gzip_file *file, int err, const char *why) {
	unsigned char *bytes = (unsigned char *)"x";
	char error[256];
	size_t len = 77;

	assert_int_equal(read_file(file, &bytes, &len, error), err);
	assert_null(bytes);
	assert_int_equal(len, 0);
	if (strncmp(error, file->path, strlen(file->path)) != 0 || strstr(error, why) == NULL)
		fail_msg("'%s' does not say '%s'", error, why);
}

static void assert_reads(struct gzip_file *file, const void *wanted, size_t wanted_bytes) {
	unsigned char *bytes = NULL;
	char error[256];
	size_t len = 0;

	gzip_file_put(file, wanted, wanted_bytes);
	assert_int_equal(read_file(file, &bytes, &len, error), 0);
	assert_string_equal(error, "");
	assert_int_equal(len, wanted_bytes);
	assert_memory_equal(bytes, wanted, len);
	free(bytes);
}

static void a_file_of_any_size_is_read(void **state) {
	static const size_t sizes[] = {
		1, 65535, 65536, 65537, 262143, 262144, 262145, 524288, BOUND};
	unsigned char *bytes = malloc(BOUND);
	uint32_t number = 7;

	assert_non_null(bytes);
	for (size_t i = 0; i < BOUND; i++) {
		// Does not compress well.
		number = number * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(number >> 24);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_reads(*state, bytes, sizes[i]);
	free(bytes);
}

static void an_empty_text_is_read(void **state) {
	struct gzip_file *file = *state;
	unsigned char *bytes = NULL;
	char error[256];
	size_t len = 77;

	gzip_file_put(file, "", 0);
	assert_int_equal(read_file(file, &bytes, &len, error), 0);
	assert_non_null(bytes);
	assert_int_equal(len, 0);
	free(bytes);
}

static void a_file_that_is_cut_anywhere_is_refused(void **state) {
	struct gzip_file *file = *state;

	gzip_file_pack(file, "some text, some text, some other text", 37);
	for (size_t len = 1; len < file->packed_bytes; len++) {
		gzip_file_write(file, file->packed, len);
		assert_refused(file, -EINVAL, "it is cut short; copy it again");
	}
	gzip_file_write(file, "", 0);
	assert_refused(file, -EINVAL, "it is empty; copy it again");
}

static void a_file_with_a_wrong_checksum_or_length_is_refused(void **state) {
	struct gzip_file *file = *state;

	for (size_t from_end = 1; from_end <= 8; from_end++) {
		gzip_file_pack(file, "some text", 9);
		file->packed[file->packed_bytes - from_end] ^= 1;
		gzip_file_write(file, file->packed, file->packed_bytes);
		assert_refused(file, -EINVAL, from_end > 4 ? "incorrect data" : "incorrect length");
	}
}

static void what_stands_behind_the_end_is_refused(void **state) {
	struct gzip_file *file = *state;
	unsigned char bytes[128] = "";

	gzip_file_pack(file, "some text", 9);
	assert_true(2 * file->packed_bytes <= sizeof(bytes));
	memcpy(bytes, file->packed, file->packed_bytes);
	gzip_file_write(file, bytes, file->packed_bytes + 1);
	assert_refused(file, -EINVAL, "something stands behind its end");
	// Another member, too: Swift does not see it.
	memcpy(bytes + file->packed_bytes, file->packed, file->packed_bytes);
	gzip_file_write(file, bytes, 2 * file->packed_bytes);
	assert_refused(file, -EINVAL, "something stands behind its end");
}

static void what_is_no_gzip_is_refused(void **state) {
	struct gzip_file *file = *state;

	gzip_file_write(file, "R1NG\0\1 and more", 15);
	assert_refused(file, -EINVAL, "copy it again");
	gzip_file_write(file, "\x1f\x8b\x07 and more of it", 19);
	assert_refused(file, -EINVAL, "copy it again");
}

static void a_file_that_inflates_to_too_much_is_refused(void **state) {
	static const char zeros[8 * BOUND];
	struct gzip_file *file = *state;

	gzip_file_put(file, zeros, BOUND + 1);
	assert_refused(file, -EFBIG, "more than 3000000 bytes when inflated");
	gzip_file_put(file, zeros, sizeof(zeros));
	assert_refused(file, -EFBIG, "more than 3000000 bytes when inflated");
}

static void any_bound_is_kept(void **state) {
	struct gzip_file *file = *state;
	unsigned char *bytes = NULL;
	size_t len = 0;

	gzip_file_put(file, "some text", 9);
	for (size_t bound = 0; bound < 9; bound++) {
		assert_int_equal(ring_file_read(file->path, bound, &bytes, &len, NULL, 0), -EFBIG);
		assert_null(bytes);
	}
	assert_int_equal(ring_file_read(file->path, 9, &bytes, &len, NULL, 0), 0);
	assert_int_equal(len, 9);
	free(bytes);
}

static void what_is_no_file_is_refused(void **state) {
	struct gzip_file *file = *state;

	assert_refused(file, -ENOENT, "cannot open: No such file");
	assert_int_equal(mkdir(file->path, 0700), 0);
	assert_refused(file, -EINVAL, "no regular file");
	assert_int_equal(rmdir(file->path), 0);
	// Nobody writes into it, and nobody waits.
	assert_int_equal(mkfifo(file->path, 0600), 0);
	assert_refused(file, -EINVAL, "no regular file");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		WITH_A_GZIP_FILE(a_file_of_any_size_is_read),
		WITH_A_GZIP_FILE(an_empty_text_is_read),
		WITH_A_GZIP_FILE(a_file_that_is_cut_anywhere_is_refused),
		WITH_A_GZIP_FILE(a_file_with_a_wrong_checksum_or_length_is_refused),
		WITH_A_GZIP_FILE(what_stands_behind_the_end_is_refused),
		WITH_A_GZIP_FILE(what_is_no_gzip_is_refused),
		WITH_A_GZIP_FILE(a_file_that_inflates_to_too_much_is_refused),
		WITH_A_GZIP_FILE(any_bound_is_kept),
		WITH_A_GZIP_FILE(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
