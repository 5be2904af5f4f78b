// SPDX-License-Identifier: MPL-2.0
// listing: the names of the directories in a directory, sorted as bytes.
#include "common/targets/dlrepo/repo/listing.h"

#include "common/targets/dlrepo/repo/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_wanted(int fd, const struct dirent *entry, enum listing_want want) {
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return false;
	if (want == LISTING_SHOWN && entry->d_name[0] == '.')
		return false;
	return want == LISTING_ALL || dir_is_directory(fd, entry->d_name, entry->d_type) > 0;
}

// Grows by doubling.
static int add(struct listing *listing, const char *name) {
	size_t count = listing->count;
	char **names = listing->names;

	if ((count & (count - 1)) == 0) {
		names = realloc(names, (count == 0 ? 1 : 2 * count) * sizeof(*names));
		if (names == NULL)
			return -ENOMEM;
		listing->names = names;
	}
	names[count] = strdup(name);
	if (names[count] == NULL)
		return -ENOMEM;
	listing->count++;
	return 0;
}

static int compare(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int fill(struct listing *out, DIR *dir, enum listing_want want) {
	struct dirent *entry;
	int err = 0;

	for (errno = 0; err == 0 && (entry = readdir(dir)) != NULL; errno = 0) {
		if (is_wanted(dirfd(dir), entry, want))
			err = add(out, entry->d_name);
	}
	return err < 0 ? err : -errno;
}

int listing_read(struct listing *out, int fd, enum listing_want want) {
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	int err;

	*out = (struct listing){.names = NULL};
	if (dir == NULL) {
		err = -errno;
		if (own >= 0)
			close(own);
		return err;
	}
	err = fill(out, dir, want);
	closedir(dir);
	if (err < 0)
		listing_free(out);
	else if (out->count > 1)
		qsort(out->names, out->count, sizeof(*out->names), compare);
	return err;
}

void listing_free(struct listing *listing) {
	for (size_t i = 0; i < listing->count; i++)
		free(listing->names[i]);
	free(listing->names);
	*listing = (struct listing){.names = NULL};
}
