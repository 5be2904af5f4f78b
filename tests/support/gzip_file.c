// SPDX-License-Identifier: MPL-2.0
// gzip_file: a file of a test's own, in a directory of its own.
#include "support/gzip_file.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

int gzip_file_begin(void **state) {
	struct gzip_file *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	snprintf(file->dir, sizeof(file->dir), "/tmp/gzip_file.XXXXXX");
	assert_non_null(mkdtemp(file->dir));
	snprintf(file->path, sizeof(file->path), "%s/file", file->dir);
	*state = file;
	return 0;
}

int gzip_file_end(void **state) {
	struct gzip_file *file = *state;

	unlink(file->path);
	assert_int_equal(rmdir(file->dir), 0);
	free(file->packed);
	free(file);
	return 0;
}

void gzip_file_pack(struct gzip_file *file, const void *bytes, size_t len) {
	z_stream stream = {.next_in = (Bytef *)bytes, .avail_in = (uInt)len};
	size_t room;

	assert_int_equal(
		deflateInit2(
			&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY
		),
		Z_OK
	);
	room = deflateBound(&stream, len);
	free(file->packed);
	file->packed = malloc(room);
	assert_non_null(file->packed);
	stream.next_out = file->packed;
	stream.avail_out = (uInt)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	file->packed_bytes = stream.total_out;
	assert_int_equal(deflateEnd(&stream), Z_OK);
}

void gzip_file_write(const struct gzip_file *file, const void *bytes, size_t len) {
	char path[80];
	FILE *stream;

	snprintf(path, sizeof(path), "%s.new", file->path);
	stream = fopen(path, "wbe");
	assert_non_null(stream);
	assert_int_equal(fwrite(bytes, 1, len, stream), len);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(rename(path, file->path), 0);
}

void gzip_file_put(struct gzip_file *file, const void *bytes, size_t len) {
	gzip_file_pack(file, bytes, len);
	gzip_file_write(file, file->packed, file->packed_bytes);
}
