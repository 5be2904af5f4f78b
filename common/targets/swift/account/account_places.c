// SPDX-License-Identifier: MPL-2.0
// account_places: the account databases of a device, one after the other.
#include "common/targets/swift/account/account_places.h"

#include "common/text/number.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL_PARTITIONS, LEVEL_SUFFIXES, LEVEL_HASHES, LEVEL_FILES, LEVELS };
// Directories that are read before the caller has its turn.
enum { ENTRIES_AT_ONCE = 1000 };

struct account_places {
	struct account_places_setup setup;
	DIR *dirs[LEVEL_FILES]; // down to `level`
	int level; // -1: no more
	char path[ACCOUNT_PATH_BYTES];
	size_t lengths[LEVELS]; // of the path of each level
	uint32_t partition;
	// Of the hash that was read last, in the order in which they come.
	struct dirent **files;
	int file_count, file_next;
	char hash[ACCOUNT_HASH_BYTES];
};

static void trouble(const struct account_places *places, int err) {
	if (err != -ENOENT && err != -ENOTDIR)
		places->setup.trouble(places->setup.ctx, places->path, err);
}

static bool append(struct account_places *places, int level, const char *name) {
	size_t begin = places->lengths[level];
	int len = snprintf(places->path + begin, sizeof(places->path) - begin, "/%s", name);

	return len > 0 && (size_t)len < sizeof(places->path) - begin;
}

// Goes into the directory of the path, which is of that level. What is none is passed over.
static bool enter(struct account_places *places, int level) {
	DIR *dir = opendir(places->path);

	if (dir == NULL) {
		trouble(places, -errno);
		return false;
	}
	places->dirs[level] = dir;
	places->lengths[level] = strlen(places->path);
	places->level = level;
	return true;
}

static void leave(struct account_places *places) {
	closedir(places->dirs[places->level]);
	places->dirs[places->level--] = NULL;
}

int account_places_open(struct account_places **out, const struct account_places_setup *setup) {
	struct account_places *places = calloc(1, sizeof(*places));
	int len;

	if (places == NULL)
		return -ENOMEM;
	places->setup = *setup;
	places->level = -1;
	len = snprintf(places->path, sizeof(places->path), "%s/accounts", setup->device);
	if (len > 0 && (size_t)len < sizeof(places->path))
		enter(places, LEVEL_PARTITIONS);
	*out = places;
	return 0;
}

static void free_files(struct account_places *places) {
	for (int i = 0; places->files != NULL && i < places->file_count; i++)
		free(places->files[i]);
	free(places->files);
	places->files = NULL;
	places->file_count = places->file_next = 0;
}

void account_places_close(struct account_places *places) {
	if (places == NULL)
		return;
	while (places->level >= 0)
		leave(places);
	free_files(places);
	free(places);
}

static bool ends_with(const char *name, const char *end) {
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static int by_name_from_the_end(const struct dirent **one, const struct dirent **other) {
	return strcmp((*other)->d_name, (*one)->d_name);
}

// Reads the names of the hash that the path names.
static int read_hash(struct account_places *places, const char *hash) {
	int count;

	if (strlen(hash) >= sizeof(places->hash))
		return 0;
	snprintf(places->hash, sizeof(places->hash), "%s", hash);
	free_files(places);
	count = scandir(places->path, &places->files, NULL, by_name_from_the_end);
	if (count < 0) {
		places->files = NULL;
		if (errno == ENOMEM)
			return -ENOMEM;
		trouble(places, -errno);
		return 0;
	}
	places->file_count = count;
	places->lengths[LEVEL_FILES] = strlen(places->path);
	return 0;
}

// The next database of the hash that was read.
static bool next_file(struct account_places *places, struct account_place *out) {
	while (places->files != NULL && places->file_next < places->file_count) {
		const char *name = places->files[places->file_next++]->d_name;

		if (ends_with(name, ".ts"))
			break;
		if (!ends_with(name, ".db") || !append(places, LEVEL_FILES, name))
			continue;
		out->partition = places->partition;
		memcpy(out->hash, places->hash, sizeof(out->hash));
		memcpy(out->path, places->path, sizeof(out->path));
		return true;
	}
	free_files(places);
	return false;
}

static bool wants(struct account_places *places, const char *name) {
	int64_t partition;

	if (number_parse(name, strlen(name), 0, UINT32_MAX, &partition) < 0)
		return false;
	places->partition = (uint32_t)partition;
	return places->setup.wants(places->setup.ctx, places->partition);
}

// Takes the next entry of the directory that it is in. 0 or -ENOMEM.
static int advance(struct account_places *places) {
	const struct dirent *entry;
	int level = places->level;

	errno = 0;
	entry = readdir(places->dirs[level]); // NOLINT(concurrency-mt-unsafe): the stream is ours
	if (entry == NULL) {
		places->path[places->lengths[level]] = '\0';
		if (errno != 0)
			trouble(places, -errno);
		leave(places);
		return 0;
	}
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	if (!append(places, level, entry->d_name))
		return 0;
	if (level == LEVEL_HASHES)
		return read_hash(places, entry->d_name);
	if (level != LEVEL_PARTITIONS || wants(places, entry->d_name))
		enter(places, level + 1);
	return 0;
}

int account_places_next(struct account_places *places, struct account_place *out) {
	for (int entries = 0; !next_file(places, out); entries++) {
		int err;

		if (places->level < 0)
			return 0;
		if (entries == ENTRIES_AT_ONCE)
			return -EAGAIN;
		err = advance(places);
		if (err < 0)
			return err;
	}
	return 1;
}
