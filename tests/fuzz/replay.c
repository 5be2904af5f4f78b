// SPDX-License-Identifier: MPL-2.0
// replay: runs a fuzz target on every file of a directory, on all that is cut from it and on single
// bytes changed.
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 128 * 1024, CHANGED_BYTES_MAX = 512 };

// Each input in memory of its own size, so that a sanitizer sees a read behind its end.
static void run(const uint8_t *bytes, size_t len) {
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void run_changed(uint8_t *bytes, size_t len) {
	static const uint8_t values[] = {
		0x00,
		0x7f,
		0x80,
		0x9f,
		0xbf,
		0xc0,
		0xc1,
		0xc4,
		0xc6,
		0xc9,
		0xcf,
		0xd3,
		0xd9,
		0xdb,
		0xdc,
		0xdd,
		0xde,
		0xdf,
		0xff};

	for (size_t at = 0; at < len && at < CHANGED_BYTES_MAX; at++) {
		uint8_t kept = bytes[at];

		run(bytes, at);
		for (size_t i = 0; i < sizeof(values); i++) {
			bytes[at] = values[i];
			run(bytes, len);
		}
		bytes[at] = kept;
	}
}

static int run_file(const char *dir, const char *name) {
	static uint8_t bytes[FILE_BYTES_MAX];
	char path[4096];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "rbe");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	run(bytes, len);
	run_changed(bytes, len);
	return 0;
}

int main(int argc, char **argv) {
	const char *path = argc == 2 ? argv[1] : "";
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int files = 0;
	int status = 0;

	if (dir == NULL) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argc > 0 ? argv[0] : "replay");
		return 2;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		status |= run_file(path, entry->d_name);
		files++;
	}
	closedir(dir);
	printf("%d files\n", files);
	return files == 0 ? 1 : status;
}
