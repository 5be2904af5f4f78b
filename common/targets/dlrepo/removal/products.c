// SPDX-License-Identifier: MPL-2.0
// products: takes the links that lead from products to a job away.
#include "common/targets/dlrepo/removal/products.h"

#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/listing.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/link_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Links of a job are relative to it, and were made for a place as deep as this.
#define PLACE_OF_A_JOB "branches/branch/tag/job"

static bool is_below_products(const char *path) {
	static const char top[] = PRODUCTS_DIR "/";

	return strncmp(path, top, strlen(top)) == 0;
}

// Where the job's product is. 1, 0: it has none; or a negative errno.
static int find_version(int job_fd, char *path, size_t bytes) {
	char text[PATH_MAX];
	ssize_t len = readlinkat(job_fd, PRODUCT_LINK, text, sizeof(text) - 1);

	if (len < 0)
		return errno == ENOENT || errno == EINVAL ? 0 : -errno;
	text[len] = '\0';
	if (link_path(PLACE_OF_A_JOB, text, path, bytes) < 0 || !is_below_products(path)) {
		snprintf(path, bytes, "%s -> %.*s", PRODUCT_LINK, 200, text);
		return -EBADMSG;
	}
	return 1;
}

// A link that leads to a directory is in use.
static bool leads_nowhere(int fd, const char *name) {
	struct stat file;

	if (dir_look(fd, name, &file) < 0 || !S_ISLNK(file.st_mode))
		return false;
	if (fstatat(fd, name, &file, 0) < 0)
		return errno == ENOENT || errno == ENOTDIR;
	return !S_ISDIR(file.st_mode);
}

static int unlink_formats(int fd) {
	struct listing listing;
	int err = listing_read(&listing, fd, LISTING_ALL);

	for (size_t i = 0; i < listing.count; i++) {
		if (leads_nowhere(fd, listing.names[i]) && unlinkat(fd, listing.names[i], 0) < 0 &&
		    errno != ENOENT && err == 0)
			err = -errno;
	}
	listing_free(&listing);
	return err;
}

static int unlink_last_stamp(int fd) {
	struct listing listing;
	int err = listing_read(&listing, fd, LISTING_ALL);

	if (err == 0 && listing.count == 1 && strcmp(listing.names[0], STAMP_FILE) == 0 &&
	    unlinkat(fd, STAMP_FILE, 0) < 0 && errno != ENOENT)
		err = -errno;
	listing_free(&listing);
	return err;
}

// Removes the directory when it is empty, and then those above it.
static void remove_empty(int root, char *path) {
	bool was_empty = true;

	while (was_empty && path[0] != '\0') {
		char *slash = strrchr(path, '/');
		const char *name = slash == NULL ? path : slash + 1;
		int fd;

		if (slash != NULL)
			*slash = '\0';
		fd = dir_open(root, slash == NULL ? "" : path);
		was_empty = fd >= 0 && unlinkat(fd, name, AT_REMOVEDIR) == 0;
		if (fd >= 0)
			close(fd);
		if (slash == NULL)
			return;
	}
}

// The version's directory; -ENOENT: there is none. `path` is where.
static int open_version(int root, int job_fd, char *path, size_t bytes) {
	int err = find_version(job_fd, path, bytes);

	if (err <= 0)
		return err == 0 ? -ENOENT : err;
	return dir_open(root, path);
}

int products_check(int root, int job_fd, char *where, size_t where_bytes) {
	char path[PATH_MAX];
	int fd = open_version(root, job_fd, path, sizeof(path));

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || fd == -ENOENT)
		return 0;
	snprintf(where, where_bytes, "%s", path);
	return fd;
}

int products_unlink(int root, int job_fd, char *where, size_t where_bytes) {
	char path[PATH_MAX];
	int fd = open_version(root, job_fd, path, sizeof(path));
	int err;

	if (fd == -ENOENT)
		return 0;
	snprintf(where, where_bytes, "%s", path);
	if (fd < 0)
		return fd;
	err = unlink_formats(fd);
	if (err == 0)
		err = unlink_last_stamp(fd);
	close(fd);
	if (err == 0)
		remove_empty(root, path);
	return err;
}
