// SPDX-License-Identifier: MPL-2.0
// recovery: brings to its end what an earlier run left in .deleting.
#include "common/targets/dlrepo/removal/recovery.h"

#include "common/targets/dlrepo/removal/aside.h"
#include "common/targets/dlrepo/removal/tag_removal.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/listing.h"
#include "common/targets/dlrepo/repo/subtree.h"
#include "common/targets/dlrepo/rule/second_look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void complain(struct recovery *recovery, int err, const char *what) {
	if (recovery->troubles++ > 0)
		return;
	snprintf(
		recovery->trouble,
		sizeof(recovery->trouble),
		"cannot bring to its end what lies aside: '%.300s': %.100s",
		what,
		dir_words(err)
	);
}

// --- tags

static void remove_tags(int root, struct recovery *recovery) {
	int fd = dir_open(root, ASIDE_TAGS);
	struct listing listing;
	int err = fd < 0 ? fd : listing_read(&listing, fd, LISTING_ALL);

	if (fd < 0) {
		if (err != -ENOENT)
			complain(recovery, err, ASIDE_TAGS);
		return;
	}
	if (err < 0)
		complain(recovery, err, ASIDE_TAGS);
	for (size_t i = 0; err == 0 && i < listing.count; i++) {
		char where[300] = "";
		int failed = tag_remove_moved(root, fd, listing.names[i], where, sizeof(where));

		recovery->tags += failed == 0;
		if (failed < 0)
			complain(recovery, failed, where);
	}
	if (err == 0)
		listing_free(&listing);
	close(fd);
}

// --- files

// Its name leads to nothing, to the directory that held its place, or to something else. A file of
// the same name has the same content, unless it is what a server makes for want of one, which is
// empty.
static int put_file_back(int fd, const char *name, int home_fd) {
	struct stat file = {.st_mode = 0}, there = {.st_mode = 0};
	enum second_look look;
	int err = dir_look(home_fd, name, &there);

	if (err == -ENOENT)
		return renameat2(fd, name, home_fd, name, RENAME_NOREPLACE) < 0 ? -errno : 0;
	if (err == 0)
		err = dir_look(fd, name, &file);
	if (err < 0)
		return err;
	if (S_ISREG(there.st_mode) && there.st_size == file.st_size)
		return unlinkat(fd, name, 0) < 0 ? -errno : 0;
	look = second_look_after_crash(&file, &there);
	if (look == LOOK_REFUSE)
		return -EEXIST;
	if (look == LOOK_PUT_BACK_AS_NEW && utimensat(fd, name, NULL, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	err = aside_exchange(fd, name, home_fd, name);
	if (err == 0 && unlinkat(fd, name, AT_REMOVEDIR) < 0)
		err = -errno;
	return err;
}

static void complain_of(struct recovery *recovery, int err, const struct subtree_entry *entry) {
	char path[300] = ASIDE_FILES "/";
	size_t len = strlen(path);

	subtree_path(entry, path + len, sizeof(path) - len);
	complain(recovery, err, path);
}

static void put_one_back(struct recovery *recovery, int root, const struct subtree_entry *entry) {
	int home_fd = dir_make(root, entry->dir);
	int err = home_fd < 0 ? home_fd : put_file_back(entry->fd, entry->name, home_fd);

	if (home_fd >= 0)
		close(home_fd);
	recovery->files += err == 0;
	if (err < 0)
		complain_of(recovery, err, entry);
}

// Where a directory of it is, the files of that directory belong in the root.
static void put_files_back(struct recovery *recovery, int root, int fd) {
	struct subtree_entry entry;
	enum subtree_step step;
	struct subtree *tree;
	int err = subtree_open(&tree, fd);

	if (err < 0) {
		complain(recovery, err, ASIDE_FILES);
		return;
	}
	while ((step = subtree_next(tree, &entry)) != SUBTREE_END) {
		if (step == SUBTREE_TROUBLE)
			complain_of(recovery, entry.err, &entry);
		else if (step == SUBTREE_FILE)
			put_one_back(recovery, root, &entry);
		else
			unlinkat(entry.fd, entry.name, AT_REMOVEDIR);
	}
	subtree_close(tree);
}

static void put_all_back(int root, struct recovery *out) {
	int fd = dir_open(root, ASIDE_FILES);

	if (fd >= 0) {
		put_files_back(out, root, fd);
		close(fd);
	} else if (fd != -ENOENT) {
		complain(out, fd, ASIDE_FILES);
	}
}

void recovery_files(int root, struct recovery *out) {
	*out = (struct recovery){.tags = 0};
	put_all_back(root, out);
}

void recovery_run(int root, struct recovery *out) {
	*out = (struct recovery){.tags = 0};
	remove_tags(root, out);
	put_all_back(root, out);
	unlinkat(root, ASIDE_FILES, AT_REMOVEDIR);
	unlinkat(root, ASIDE_TAGS, AT_REMOVEDIR);
	unlinkat(root, ASIDE_DIR, AT_REMOVEDIR);
}
