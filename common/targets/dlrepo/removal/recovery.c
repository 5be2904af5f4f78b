// SPDX-License-Identifier: MPL-2.0
// recovery: brings to its end what a process left in .deleting.
#include "common/targets/dlrepo/removal/recovery.h"

#include "common/targets/dlrepo/removal/tag_removal.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/erase.h"
#include "common/targets/dlrepo/repo/listing.h"
#include "common/targets/dlrepo/repo/subtree.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/second_look.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Of a path below the root: of a directory in .deleting, and of anything.
enum { PLACE_BYTES = 320, WHERE_BYTES = 700 };

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

// What lies in a part of a place, which is open then: a file descriptor, or -1 when there is
// nothing of it or it cannot be read, which is told. The listing is to be freed.
static int list_part(
	struct recovery *recovery,
	int root,
	const char *place,
	const char *part,
	char path[PLACE_BYTES],
	struct listing *listing
) {
	int fd, err;

	*listing = (struct listing){.count = 0};
	snprintf(path, PLACE_BYTES, "%s/%s", place, part);
	fd = dir_open(root, path);
	err = fd < 0 ? fd : listing_read(listing, fd, LISTING_ALL);
	if (err < 0 && err != -ENOENT)
		complain(recovery, err, path);
	if (err < 0 && fd >= 0)
		close(fd);
	return err < 0 ? -1 : fd;
}

static void remove_tags(struct recovery *recovery, int root, const char *place) {
	char path[PLACE_BYTES];
	struct listing listing;
	int fd = list_part(recovery, root, place, ASIDE_TAGS, path, &listing);

	for (size_t i = 0; i < listing.count; i++) {
		char where[WHERE_BYTES] = "";
		int failed = tag_remove_moved(root, fd, listing.names[i], where, sizeof(where));

		recovery->tags += failed == 0;
		if (failed < 0)
			complain(recovery, failed, where);
	}
	listing_free(&listing);
	if (fd >= 0)
		close(fd);
}

// --- tags that nobody looked at since they were moved

static void move_branch_back(
	struct recovery *recovery, int root, int back_fd, const char *back, const char *branch
) {
	char path[sizeof(BRANCHES_DIR) + NAME_MAX + 1], where[WHERE_BYTES];
	struct listing listing = {.count = 0};
	int fd = dir_open(back_fd, branch), home_fd;
	int err = fd < 0 ? fd : listing_read(&listing, fd, LISTING_ALL);

	snprintf(path, sizeof(path), "%s/%s", BRANCHES_DIR, branch);
	home_fd = listing.count == 0 ? -ENOENT : dir_make(root, path);
	if (err == 0 && listing.count > 0 && home_fd < 0)
		err = home_fd;
	for (size_t i = 0; err == 0 && i < listing.count; i++) {
		const char *tag = listing.names[i];
		int failed = renameat(fd, tag, home_fd, tag) < 0 ? -errno : 0;

		snprintf(where, sizeof(where), "%s/%s/%s", back, branch, tag);
		recovery->files += failed == 0;
		if (failed < 0)
			complain(recovery, failed, where);
	}
	if (err < 0)
		complain(recovery, err, path);
	listing_free(&listing);
	if (home_fd >= 0)
		close(home_fd);
	if (fd >= 0)
		close(fd);
	unlinkat(back_fd, branch, AT_REMOVEDIR);
}

static void move_tags_back(struct recovery *recovery, int root, const char *place) {
	char path[PLACE_BYTES];
	struct listing listing;
	int fd = list_part(recovery, root, place, ASIDE_BACK, path, &listing);

	for (size_t i = 0; i < listing.count; i++)
		move_branch_back(recovery, root, fd, path, listing.names[i]);
	listing_free(&listing);
	if (fd >= 0)
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

static void complain_of(
	struct recovery *recovery, int err, const char *path, const struct subtree_entry *entry
) {
	char whole[WHERE_BYTES];
	int len = snprintf(whole, sizeof(whole), "%s/", path);

	subtree_path(entry, whole + len, sizeof(whole) - (size_t)len);
	complain(recovery, err, whole);
}

static void put_one_back(
	struct recovery *recovery, int root, const char *path, const struct subtree_entry *entry
) {
	int home_fd = dir_make(root, entry->dir);
	int err = home_fd < 0 ? home_fd : put_file_back(entry->fd, entry->name, home_fd);

	if (home_fd >= 0)
		close(home_fd);
	recovery->files += err == 0;
	if (err < 0)
		complain_of(recovery, err, path, entry);
}

// Where a directory of it is, the files of that directory belong in the root.
static void put_all_back(struct recovery *recovery, int root, const char *path, int fd) {
	struct subtree_entry entry;
	enum subtree_step step;
	struct subtree *tree;
	int err = subtree_open(&tree, fd);

	if (err < 0) {
		complain(recovery, err, path);
		return;
	}
	while ((step = subtree_next(tree, &entry)) != SUBTREE_END) {
		if (step == SUBTREE_TROUBLE)
			complain_of(recovery, entry.err, path, &entry);
		else if (step == SUBTREE_FILE)
			put_one_back(recovery, root, path, &entry);
		else
			unlinkat(entry.fd, entry.name, AT_REMOVEDIR);
	}
	subtree_close(tree);
}

static void put_files_back(struct recovery *recovery, int root, const char *place) {
	char path[PLACE_BYTES];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", place, ASIDE_FILES);
	fd = dir_open(root, path);
	if (fd >= 0) {
		put_all_back(recovery, root, path, fd);
		close(fd);
	} else if (fd != -ENOENT) {
		complain(recovery, fd, path);
	}
}

// --- whose they are

static void recover_all(struct recovery *recovery, int root, const char *place) {
	char where[WHERE_BYTES];
	int fd = dir_open(root, place);

	move_tags_back(recovery, root, place);
	remove_tags(recovery, root, place);
	put_files_back(recovery, root, place);
	if (fd >= 0) {
		erase(fd, ASIDE_PROOF, NULL, where, sizeof(where));
		close(fd);
	}
}

// The lock is held meanwhile, so that no other process does the same.
static void recover_one(struct recovery *recovery, int root, const char *name) {
	char place[PLACE_BYTES];
	int lock = aside_take_over(root, name);

	snprintf(place, sizeof(place), "%s/%s", ASIDE_DIR, name);
	if (lock < 0) {
		if (lock != -EBUSY && lock != -ENOENT)
			complain(recovery, lock, place);
		return;
	}
	recover_all(recovery, root, place);
	aside_remove(root, name, lock);
	if (recovery->troubles == 0 && aside_has_content(root, name))
		complain(recovery, -ENOTEMPTY, place);
}

void recovery_run(int root, struct aside *own, struct recovery *out) {
	int fd = dir_open(root, ASIDE_DIR);
	struct listing listing = {.count = 0};
	int err = fd < 0 ? fd : listing_read(&listing, fd, LISTING_DIRECTORIES);

	*out = (struct recovery){.tags = 0};
	if (err < 0 && err != -ENOENT)
		complain(out, err, ASIDE_DIR);
	for (size_t i = 0; err == 0 && i < listing.count; i++) {
		if (!aside_is_own(own, listing.names[i]))
			recover_one(out, root, listing.names[i]);
	}
	listing_free(&listing);
	if (fd >= 0)
		close(fd);
	unlinkat(root, ASIDE_DIR, AT_REMOVEDIR);
}

void recovery_own(int root, struct aside *own, struct recovery *out) {
	char place[ASIDE_PATH_BYTES];

	*out = (struct recovery){.tags = 0};
	aside_path(own, place);
	recover_all(out, root, place);
}

void recovery_own_files(int root, struct aside *own, struct recovery *out) {
	char place[ASIDE_PATH_BYTES];

	*out = (struct recovery){.tags = 0};
	aside_path(own, place);
	move_tags_back(out, root, place);
	put_files_back(out, root, place);
}

bool recovery_words(const struct recovery *recovery, char *out, size_t out_bytes) {
	snprintf(
		out,
		out_bytes,
		"An earlier run was cut off: %" PRId64 " tags that it had begun with are deleted, "
		"%" PRId64 " files are back in their places",
		recovery->tags,
		recovery->files
	);
	return recovery->tags + recovery->files > 0;
}
