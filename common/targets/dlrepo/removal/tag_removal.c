// SPDX-License-Identifier: MPL-2.0
// tag_removal: removes a tag with its jobs and their links from products.
#include "common/targets/dlrepo/removal/tag_removal.h"

#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/products.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/branch.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/erase.h"
#include "common/targets/dlrepo/repo/subtree.h"
#include "common/targets/dlrepo/rule/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WHERE_BYTES = 300, MOVES_MOST = 100 };

static void leave(struct tag_outcome *out, enum reason reason) {
	out->verdict = reason == REASON_GONE ? VERDICT_DONE : VERDICT_LEFT;
	out->reason = reason;
}

static void fail(struct tag_outcome *out, int err, const char *deed, const char *where) {
	out->verdict = VERDICT_FAILED;
	out->reason = REASON_FILES;
	snprintf(
		out->words,
		sizeof(out->words),
		"cannot %s '%.90s': %.64s",
		deed,
		where,
		dir_words(err)
	);
}

// --- its jobs

// Is it the product of a job? A job is a directory in the tag, whose name has no dot before it.
static bool is_product(const struct subtree_entry *file) {
	return strcmp(file->name, PRODUCT_LINK) == 0 && file->dir[0] != '\0' &&
		file->dir[0] != '.' && strchr(file->dir, '/') == NULL;
}

static int check_product(
	const void *root, const struct subtree_entry *file, char *where, size_t where_bytes
) {
	return is_product(file) ? products_check(*(const int *)root, file->fd, where, where_bytes)
				: 0;
}

static int unlink_product(
	const void *root, const struct subtree_entry *file, char *where, size_t where_bytes
) {
	return is_product(file) ? products_unlink(*(const int *)root, file->fd, where, where_bytes)
				: 0;
}

// --- before it is touched

static bool is_as_scanned(int fd, const struct record_tag *record) {
	struct tag tag = {.name = record->tag};
	const char *mark;

	return branch_read_marks(fd, &tag, &mark) == 0 && !tag.is_locked &&
		tag.is_released == record->is_released &&
		tag.stamp.tv_sec == record->stamp.tv_sec &&
		tag.stamp.tv_nsec == record->stamp.tv_nsec;
}

static int check_all(int root, int fd, char *where, size_t where_bytes) {
	const struct erase_first first = {.call = check_product, .self = &root};

	return erase_check(fd, &first, where, where_bytes);
}

// True: it may go.
static bool may_go(
	int root, int branch_fd, const struct record_tag *record, struct tag_outcome *out
) {
	char where[WHERE_BYTES];
	int fd = dir_open(branch_fd, record->tag);
	int err;

	if (fd == -ENOENT) {
		leave(out, REASON_GONE);
		return false;
	}
	if (fd < 0) {
		fail(out, fd, "open", record->tag);
		return false;
	}
	if (!is_as_scanned(fd, record)) {
		close(fd);
		leave(out, REASON_CHANGED);
		return false;
	}
	err = check_all(root, fd, where, sizeof(where));
	close(fd);
	if (err < 0)
		fail(out, err, "remove", where[0] == '\0' ? record->tag : where);
	return err == 0;
}

// --- out of the branch

// Under a name that nothing has there yet. 0 or a negative errno.
static int move(int branch_fd, const char *tag, int tags_fd, char name[NAME_MAX + 1]) {
	int err = -EEXIST;

	for (int i = 0; i < MOVES_MOST && (err == -EEXIST || err == -ENOTEMPTY); i++) {
		snprintf(name, NAME_MAX + 1, "%ld.%d", (long)gettid(), i);
		err = renameat(branch_fd, tag, tags_fd, name) < 0 ? -errno : 0;
	}
	return err;
}

// --- and gone

int tag_remove_moved(int root, int tags_fd, const char *name, char *where, size_t where_bytes) {
	const struct erase_first first = {.call = unlink_product, .self = &root};

	return erase(tags_fd, name, &first, where, where_bytes);
}

// A server may have marked it between the look and the move. Nobody can since.
static bool is_as_moved(int tags_fd, const char *name, const struct record_tag *record) {
	int fd = dir_open(tags_fd, name);
	bool is = fd >= 0 && is_as_scanned(fd, record);

	if (fd >= 0)
		close(fd);
	return is;
}

// One that was made anew meanwhile and has something in it stays, and so does this one.
static void move_back(
	int back_fd, int branch_fd, const struct record_tag *record, struct tag_outcome *out
) {
	if (renameat(back_fd, record->tag, branch_fd, record->tag) == 0) {
		leave(out, REASON_CHANGED);
		return;
	}
	fail(out, -errno, "move back to its branch", record->tag);
	out->is_left = true;
}

static void remove_moved(
	int root,
	struct aside *aside,
	int back_fd,
	const struct record_tag *record,
	struct tag_outcome *out
) {
	char where[WHERE_BYTES] = "", name[NAME_MAX + 1];
	int tags_fd = aside_open(aside, root, ASIDE_TAGS);
	int err = tags_fd < 0 ? tags_fd : move(back_fd, record->tag, tags_fd, name);

	if (err < 0) {
		fail(out, err, "move to " ASIDE_DIR, record->tag);
		out->is_left = true;
	} else {
		out->is_removed = true;
		err = tag_remove_moved(root, tags_fd, name, where, sizeof(where));
		out->is_left = err < 0;
		if (err < 0)
			fail(out, err, "remove to its end, which is tried again,", where);
	}
	if (tags_fd >= 0)
		close(tags_fd);
}

// What ends this process between the two moves leaves the tag where it goes back from.
static void remove_from(
	int root,
	struct aside *aside,
	int branch_fd,
	const struct record_tag *record,
	struct tag_outcome *out
) {
	char path[sizeof(ASIDE_BACK) + NAME_MAX + 1];
	int back_fd, err;

	snprintf(path, sizeof(path), "%s/%s", ASIDE_BACK, record->branch);
	back_fd = aside_open(aside, root, path);
	if (back_fd < 0) {
		fail(out, back_fd, "make a directory in " ASIDE_DIR " for", record->tag);
		return;
	}
	err = renameat(branch_fd, record->tag, back_fd, record->tag) < 0 ? -errno : 0;
	if (err == -ENOENT)
		leave(out, REASON_GONE);
	else if (err < 0)
		fail(out, err, "move to " ASIDE_DIR, record->tag);
	else if (is_as_moved(back_fd, record->tag, record))
		remove_moved(root, aside, back_fd, record, out);
	else
		move_back(back_fd, branch_fd, record, out);
	close(back_fd);
}

void tag_remove(
	int root, struct aside *aside, const struct record_tag *record, struct tag_outcome *out
) {
	char path[sizeof(BRANCHES_DIR) + NAME_MAX + 1];
	int fd;

	*out = (struct tag_outcome){.verdict = VERDICT_DONE};
	snprintf(path, sizeof(path), "%s/%s", BRANCHES_DIR, record->branch);
	fd = dir_open(root, path);
	if (fd == -ENOENT) {
		leave(out, REASON_GONE);
		return;
	}
	if (fd < 0) {
		fail(out, fd, "open", path);
		return;
	}
	if (may_go(root, fd, record, out))
		remove_from(root, aside, fd, record, out);
	close(fd);
}

int tag_check(int root, const char *branch, const char *tag, char *where, size_t where_bytes) {
	char path[sizeof(BRANCHES_DIR) + (size_t)2 * (NAME_MAX + 1)];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s/%s", BRANCHES_DIR, branch, tag);
	fd = dir_open(root, path);
	snprintf(where, where_bytes, "%s", path);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = check_all(root, fd, where, where_bytes);
	close(fd);
	return err;
}
