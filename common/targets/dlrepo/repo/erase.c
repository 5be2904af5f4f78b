// SPDX-License-Identifier: MPL-2.0
// erase: removes a directory with all that is in it.
#include "common/targets/dlrepo/repo/erase.h"

#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/subtree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct first_error {
	int err;
	const char *top; // what the path begins with
	char *where;
	size_t where_bytes;
};

static void note(struct first_error *first, const struct subtree_entry *entry, int err) {
	size_t len = 0;

	if (err == 0 || err == -ENOENT || first->err < 0)
		return;
	first->err = err;
	if (first->top[0] != '\0')
		len = (size_t)snprintf(first->where, first->where_bytes, "%s/", first->top);
	if (len < first->where_bytes)
		subtree_path(entry, first->where + len, first->where_bytes - len);
}

typedef int visit(const struct subtree_entry *entry, enum subtree_step step);

static int visit_all(int fd, visit *visitor, struct first_error *first) {
	struct subtree_entry entry;
	enum subtree_step step;
	struct subtree *tree;
	int err = subtree_open(&tree, fd);

	if (err < 0)
		return err;
	while ((step = subtree_next(tree, &entry)) != SUBTREE_END)
		note(first, &entry, step == SUBTREE_TROUBLE ? entry.err : visitor(&entry, step));
	subtree_close(tree);
	return 0;
}

// --- can it be removed

static int may_change(int fd, const char *name) {
	return faccessat(fd, name, W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int check_one(const struct subtree_entry *entry, enum subtree_step step) {
	return step == SUBTREE_DIRECTORY ? may_change(entry->fd, entry->name) : 0;
}

int erase_check(int fd, char *where, size_t where_bytes) {
	struct first_error first = {.top = "", .where = where, .where_bytes = where_bytes};
	int err = may_change(fd, ".");

	snprintf(where, where_bytes, "%s", "");
	if (err == 0)
		err = visit_all(fd, check_one, &first);
	return err < 0 ? err : first.err;
}

// --- remove it

static int remove_one(const struct subtree_entry *entry, enum subtree_step step) {
	int flags = step == SUBTREE_DIRECTORY ? AT_REMOVEDIR : 0;

	return unlinkat(entry->fd, entry->name, flags) < 0 ? -errno : 0;
}

static int empty(int fd, const char *name, struct first_error *first) {
	int inner = dir_open(fd, name);
	int err = inner < 0 ? inner : visit_all(inner, remove_one, first);

	if (inner >= 0)
		close(inner);
	return err;
}

int erase(int fd, const char *name, char *where, size_t where_bytes) {
	struct first_error first = {.top = name, .where = where, .where_bytes = where_bytes};
	struct stat file = {.st_mode = 0};
	int err = dir_look(fd, name, &file);

	snprintf(where, where_bytes, "%s", "");
	if (err == 0 && S_ISDIR(file.st_mode))
		err = empty(fd, name, &first);
	if (err == 0 && first.err == 0 &&
	    unlinkat(fd, name, S_ISDIR(file.st_mode) ? AT_REMOVEDIR : 0) < 0)
		err = -errno;
	if (first.err < 0)
		return first.err;
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		snprintf(where, where_bytes, "%s", name);
	return err;
}
