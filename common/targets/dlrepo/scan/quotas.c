// SPDX-License-Identifier: MPL-2.0
// quotas: counts anew what a user's repository takes.
#include "common/targets/dlrepo/scan/quotas.h"

#include "common/page.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/listing.h"
#include "common/targets/dlrepo/repo/subtree.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/name.h"
#include "common/targets/dlrepo/scan/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE USAGE_FILE ".new"

// A link counts as much as what it leads to; one to a directory counts nothing.
static int add_one(const struct subtree_entry *entry, int64_t *bytes) {
	struct stat file;

	if (fstatat(entry->fd, entry->name, &file, 0) < 0)
		return errno != ENOENT || dir_look(entry->fd, entry->name, &file) < 0 ? -errno
										      : -ENOLINK;
	if (!S_ISDIR(file.st_mode))
		*bytes += file.st_size;
	return 0;
}

// Of several errors the first.
static int count_usage(int fd, int64_t *bytes) {
	struct subtree_entry entry;
	enum subtree_step step;
	struct subtree *tree;
	int err = subtree_open(&tree, fd);

	if (err < 0)
		return err;
	while (err == 0 && (step = subtree_next(tree, &entry)) != SUBTREE_END) {
		if (step == SUBTREE_TROUBLE)
			err = entry.err;
		else if (step == SUBTREE_FILE)
			err = add_one(&entry, bytes);
		if (err == -ENOENT) // it has just gone
			err = 0;
	}
	subtree_close(tree);
	return err;
}

// As the file of before: the server that reads it also writes it.
static int write_text(int fd, int file, const char *text) {
	struct stat before;
	size_t len = strlen(text);
	ssize_t written;
	bool has_before = dir_look(fd, USAGE_FILE, &before) == 0 && S_ISREG(before.st_mode);

	if (!has_before && fstat(fd, &before) < 0)
		return -errno;
	if (fchown(file, before.st_uid, before.st_gid) < 0)
		return -errno;
	if (has_before && fchmod(file, before.st_mode & 07777) < 0)
		return -errno;
	written = write(file, text, len);
	if (written != (ssize_t)len)
		return written < 0 ? -errno : -EIO;
	return fsync(file) < 0 ? -errno : 0;
}

static int write_usage(int fd, int64_t bytes) {
	char text[24];
	int err, file;

	snprintf(text, sizeof(text), "%" PRId64, bytes);
	file = openat(fd, NEW_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (file < 0)
		return -errno;
	err = write_text(fd, file, text);
	close(file);
	if (err == 0 && renameat(fd, NEW_FILE, fd, USAGE_FILE) < 0)
		err = -errno;
	if (err < 0)
		unlinkat(fd, NEW_FILE, 0);
	return err;
}

static int refresh(const struct survey *survey, const char *user) {
	char path[sizeof(USERS_DIR) + NAME_MAX + 1];
	int64_t bytes = 0;
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", USERS_DIR, user);
	fd = dir_open(survey->root, path);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = unlinkat(fd, NEW_FILE, 0) < 0 && errno != ENOENT ? -errno : 0;
	if (err == 0)
		err = count_usage(fd, &bytes);
	if (err == 0)
		err = write_usage(fd, bytes);
	close(fd);
	return err;
}

void quotas_page(struct survey *survey, struct page *page) {
	const char *user = survey_next_name(survey, USERS_DIR, LISTING_DIRECTORIES, page);
	int err;

	page->end_of_stage = survey->next_name >= survey->names.count;
	if (user == NULL)
		return;
	if (!name_is_reachable(user)) {
		page_note(
			page,
			PAGE_WARNING,
			"user %.250s is left alone: the name has capitals, so dlrepo itself cannot "
			"find it",
			user
		);
		return;
	}
	err = refresh(survey, user);
	if (err < 0)
		page_note(
			page,
			PAGE_TROUBLE,
			"the disk usage of user %.250s stays as it was: %s",
			user,
			err == -ENOLINK ? "a link leads to nothing" : dir_words(err)
		);
}
