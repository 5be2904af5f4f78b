// SPDX-License-Identifier: MPL-2.0
// erase: removes a directory with all that is in it.
#include "common/targets/dlrepo/repo/erase.h"

#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/subtree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { WHERE_BYTES = 300 };

struct visit {
	const struct erase_first *first;
	int err; // the first one
	const char *top; // what the path begins with
	char *where;
	size_t where_bytes;
};

static void note(struct visit *visit, const struct subtree_entry *entry, int err) {
	size_t len = 0;

	if (err == 0 || err == -ENOENT || visit->err < 0)
		return;
	visit->err = err;
	if (visit->top[0] != '\0')
		len = (size_t)snprintf(visit->where, visit->where_bytes, "%s/", visit->top);
	if (len < visit->where_bytes)
		subtree_path(entry, visit->where + len, visit->where_bytes - len);
}

// False: it stays.
static bool call_first(struct visit *visit, const struct subtree_entry *file) {
	char where[WHERE_BYTES];
	int err = visit->first == NULL
		? 0
		: visit->first->call(visit->first->self, file, where, sizeof(where));

	if (err < 0 && visit->err == 0) {
		visit->err = err;
		snprintf(visit->where, visit->where_bytes, "%s", where);
	}
	return err == 0;
}

typedef int for_entry(const struct subtree_entry *entry, enum subtree_step step);

static int visit_all(int fd, for_entry *call, struct visit *visit) {
	struct subtree_entry entry;
	enum subtree_step step;
	struct subtree *tree;
	int err = subtree_open(&tree, fd);

	if (err < 0)
		return err;
	while ((step = subtree_next(tree, &entry)) != SUBTREE_END) {
		if (step == SUBTREE_TROUBLE)
			note(visit, &entry, entry.err);
		else if (step == SUBTREE_DIRECTORY || call_first(visit, &entry))
			note(visit, &entry, call(&entry, step));
	}
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

int erase_check(int fd, const struct erase_first *first, char *where, size_t where_bytes) {
	struct visit visit = {
		.first = first, .top = "", .where = where, .where_bytes = where_bytes};
	int err = may_change(fd, ".");

	snprintf(where, where_bytes, "%s", "");
	if (err == 0)
		err = visit_all(fd, check_one, &visit);
	return err < 0 ? err : visit.err;
}

// --- remove it

static int remove_one(const struct subtree_entry *entry, enum subtree_step step) {
	int flags = step == SUBTREE_DIRECTORY ? AT_REMOVEDIR : 0;

	return unlinkat(entry->fd, entry->name, flags) < 0 ? -errno : 0;
}

static int empty_and_remove(int fd, const char *name, int inner, struct visit *visit) {
	int err = visit_all(inner, remove_one, visit);

	close(inner);
	if (err < 0 || visit->err < 0)
		return err;
	return unlinkat(fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int erase(
	int fd, const char *name, const struct erase_first *first, char *where, size_t where_bytes
) {
	struct visit visit = {
		.first = first, .top = name, .where = where, .where_bytes = where_bytes};
	int err = dir_open(fd, name);

	snprintf(where, where_bytes, "%s", "");
	if (err >= 0)
		err = empty_and_remove(fd, name, err, &visit);
	else if (err == -ENOTDIR)
		err = unlinkat(fd, name, 0) < 0 ? -errno : 0;
	if (visit.err < 0)
		return visit.err;
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		snprintf(where, where_bytes, "%s", name);
	return err;
}
