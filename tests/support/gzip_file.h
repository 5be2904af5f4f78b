// SPDX-License-Identifier: MPL-2.0
// gzip_file: a file of a test's own, in a directory of its own.
// Thread: the one that runs the tests.
#pragma once

#include <stddef.h>

// The state of a test between begin and end.
struct gzip_file {
	char dir[40];
	char path[64];
	// What the last gzip_file_pack made.
	unsigned char *packed;
	size_t packed_bytes;
};

int gzip_file_begin(void **state); // set-up of a test
int gzip_file_end(void **state); // and its tear-down

#define WITH_A_GZIP_FILE(test) cmocka_unit_test_setup_teardown(test, gzip_file_begin, gzip_file_end)

// Compresses into `packed`; nothing is written.
void gzip_file_pack(struct gzip_file *file, const void *bytes, size_t len);
// Makes the file, as another one in the place of the one before.
void gzip_file_write(const struct gzip_file *file, const void *bytes, size_t len);
// Both: the file has these bytes, compressed.
void gzip_file_put(struct gzip_file *file, const void *bytes, size_t len);
