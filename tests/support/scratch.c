// SPDX-License-Identifier: MPL-2.0
// scratch: a directory of a test's own.
#include "support/scratch.h"

#include "support/test.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534, DEPTH_MOST = 20 };

int scratch_begin(void **state) {
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	assert_non_null(scratch);
	snprintf(scratch->dir, sizeof(scratch->dir), "/tmp/scratch.XXXXXX");
	assert_non_null(mkdtemp(scratch->dir));
	assert_int_equal(chmod(scratch->dir, 0755), 0);
	*state = scratch;
	return 0;
}

static int open_up(const char *path, const struct stat *file, int kind, struct FTW *at) {
	(void)kind, (void)at;
	if (S_ISDIR(file->st_mode))
		chmod(path, 0700);
	return 0;
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *at) {
	(void)file, (void)kind, (void)at;
	return remove(path);
}

int scratch_end(void **state) {
	struct scratch *scratch = *state;

	assert_int_equal(seteuid(getuid()), 0);
	nftw(scratch->dir, open_up, DEPTH_MOST, FTW_PHYS);
	assert_int_equal(nftw(scratch->dir, remove_one, DEPTH_MOST, FTW_PHYS | FTW_DEPTH), 0);
	free(scratch);
	return 0;
}

const char *scratch_path(struct scratch *scratch, const char *name) {
	int len = snprintf(scratch->path, sizeof(scratch->path), "%s/%s", scratch->dir, name);

	assert_true(len > 0 && (size_t)len < sizeof(scratch->path));
	return scratch->path;
}

static void make_above(struct scratch *scratch, const char *name) {
	char above[SCRATCH_PATH_BYTES];

	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(above, sizeof(above), "%.*s", (int)(slash - name), name);
		if (mkdir(scratch_path(scratch, above), 0755) < 0)
			assert_int_equal(errno, EEXIST);
	}
}

void scratch_make_dir(struct scratch *scratch, const char *name) {
	make_above(scratch, name);
	if (mkdir(scratch_path(scratch, name), 0755) < 0)
		assert_int_equal(errno, EEXIST);
}

void scratch_make_file(struct scratch *scratch, const char *name, const void *bytes, size_t len) {
	FILE *stream;

	make_above(scratch, name);
	stream = fopen(scratch_path(scratch, name), "wbe");
	assert_non_null(stream);
	assert_int_equal(fwrite(bytes, 1, len, stream), len);
	assert_int_equal(fclose(stream), 0);
}

void scratch_copy(struct scratch *scratch, const char *from, const char *to) {
	char bytes[4096];
	size_t len;
	FILE *in = fopen(scratch_path(scratch, from), "rbe");
	FILE *out = fopen(scratch_path(scratch, to), "wbe");

	assert_non_null(in);
	assert_non_null(out);
	while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, len, out), len);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

void scratch_hide(struct scratch *scratch, const char *name) {
	assert_int_equal(chmod(scratch_path(scratch, name), 0), 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
}

// --- what is there

// nftw hands no context on.
static FILE *list;

static int say_one(const char *path, const struct stat *file, int kind, struct FTW *at) {
	(void)kind, (void)at;
	fprintf(list,
		"%s: %lld bytes of %ld.%09ld\n",
		path,
		(long long)file->st_size,
		(long)file->st_mtim.tv_sec,
		file->st_mtim.tv_nsec);
	return 0;
}

static int compare(const void *one, const void *other) {
	return strcmp(*(char *const *)one, *(char *const *)other);
}

// The order of a directory is nobody's promise.
static char *sort_lines(char *text) {
	enum { LINES_MOST = 1000 };
	char *lines[LINES_MOST] = {NULL}, *rest = text, *line, *out = NULL;
	size_t count = 0, bytes = 0;
	FILE *stream = open_memstream(&out, &bytes);

	assert_non_null(stream);
	while ((line = strsep(&rest, "\n")) != NULL) {
		assert_true(count < LINES_MOST);
		lines[count++] = line;
	}
	qsort(lines, count, sizeof(lines[0]), compare);
	for (size_t i = 0; i < count; i++)
		fprintf(stream, "%s\n", lines[i]);
	assert_int_equal(fclose(stream), 0);
	free(text);
	return out;
}

char *scratch_look(const char *dir) {
	char *text = NULL;
	size_t bytes = 0;

	list = open_memstream(&text, &bytes);
	assert_non_null(list);
	assert_int_equal(nftw(dir, say_one, DEPTH_MOST, FTW_PHYS), 0);
	assert_int_equal(fclose(list), 0);
	return sort_lines(text);
}

void scratch_assert_same(const char *dir, char *before) {
	char *after = scratch_look(dir);

	assert_string_equal(after, before);
	free(after);
	free(before);
}
