// SPDX-License-Identifier: MPL-2.0
// branch: what a branch says of its tags.
#include "common/targets/dlrepo/repo/branch.h"

#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/listing.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/name.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POLICY_BYTES = 64 * 1024 };

static void complain(struct branch *branch, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct branch *branch, const char *format, ...) {
	va_list args;

	if (branch->troubles++ > 0)
		return;
	va_start(args, format);
	vsnprintf(branch->trouble, sizeof(branch->trouble), format, args);
	va_end(args);
}

// --- marks

// Is there a file of that name? 1, 0; -EBADMSG: something that is none; or a negative errno. A
// link to a file is one, as it is for dlrepo.
static int has_file(int fd, const char *name, struct stat *out) {
	int err = dir_look(fd, name, out);

	if (err == 0 && S_ISLNK(out->st_mode) && fstatat(fd, name, out, 0) < 0)
		return errno == ENOENT ? -EBADMSG : -errno;
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	return S_ISREG(out->st_mode) ? 1 : -EBADMSG;
}

int branch_read_marks(int tag_fd, struct tag *out, const char **mark) {
	struct stat file;
	int locked, released;

	out->stamp = (struct timespec){0};
	*mark = STAMP_FILE;
	if (fstatat(tag_fd, STAMP_FILE, &file, 0) == 0 && S_ISREG(file.st_mode))
		out->stamp = file.st_mtim;
	*mark = LOCKED_FILE;
	locked = has_file(tag_fd, LOCKED_FILE, &file);
	out->is_locked = locked != 0;
	if (locked < 0)
		return locked;
	*mark = RELEASED_FILE;
	released = has_file(tag_fd, RELEASED_FILE, &file);
	out->is_released = released > 0;
	if (released < 0)
		out->is_locked = true;
	return released < 0 ? released : 0;
}

static int read_tag(struct branch *branch, int fd, struct tag *tag) {
	const char *mark = "";
	int tag_fd, err;

	// dlrepo looks for its marks under another name, and finds none.
	if (!name_is_reachable(tag->name))
		return 0;
	tag_fd = dir_open(fd, tag->name);
	if (tag_fd < 0) {
		tag->is_locked = true;
		if (tag_fd != -ENOENT)
			complain(branch, "'%.250s': %s", tag->name, dir_words(tag_fd));
		return 0;
	}
	err = branch_read_marks(tag_fd, tag, &mark);
	if (err < 0)
		complain(
			branch,
			"'%.250s' of '%.250s' is no file that can be read: the tag stays",
			mark,
			tag->name
		);
	close(tag_fd);
	return err == -ENOMEM ? err : 0;
}

static int read_tags(struct branch *branch, int fd) {
	struct listing listing;
	int err = listing_read(&listing, fd, LISTING_SHOWN);

	if (err < 0)
		return err;
	branch->tags = calloc(listing.count + 1, sizeof(*branch->tags));
	if (branch->tags == NULL)
		err = -ENOMEM;
	for (size_t i = 0; i < listing.count && err == 0; i++) {
		struct tag *tag = &branch->tags[branch->count++];

		tag->name = listing.names[i];
		listing.names[i] = NULL;
		err = read_tag(branch, fd, tag);
	}
	listing_free(&listing);
	return err;
}

// --- policy

static int read_text(int fd, char *text, size_t bytes, size_t *len) {
	ssize_t got = 1;

	for (*len = 0; got > 0 && *len<bytes; *len += got> 0 ? (size_t)got : 0)
		got = read(fd, text + *len, bytes - *len);
	if (got < 0)
		return -errno;
	return *len == bytes ? -EFBIG : 0;
}

static int parse_policy(struct branch *branch, int file) {
	char *text = malloc(POLICY_BYTES);
	size_t len = 0;
	int err = text == NULL ? -ENOMEM : read_text(file, text, POLICY_BYTES, &len);

	if (err == 0)
		err = policy_parse(text, len, &branch->policy);
	free(text);
	return err;
}

// A link is followed, as dlrepo does: only numbers come from it.
static int read_policy(struct branch *branch, int fd) {
	int file = openat(fd, POLICY_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int err = file < 0 ? -errno : parse_policy(branch, file);

	if (file >= 0)
		close(file);
	if (err == -ENOMEM)
		return err;
	branch->has_bad_policy = err == -EINVAL || err == -EFBIG || err == -EISDIR;
	if (err < 0 && err != -ENOENT)
		snprintf(
			branch->no_policy,
			sizeof(branch->no_policy),
			"all tags stay, for its '%s' says nothing: %.100s",
			POLICY_FILE,
			err == -EINVAL ? "it is no JSON object as dlrepo writes it" : strerror(-err)
		);
	return 0;
}

// --- all of it

int branch_read(struct branch *out, int root, const char *name) {
	char path[sizeof(BRANCHES_DIR) + NAME_MAX + 1];
	int fd, err;

	*out = (struct branch){.tags = NULL};
	snprintf(path, sizeof(path), "%s/%s", BRANCHES_DIR, name);
	fd = dir_open(root, path);
	err = fd < 0 ? fd : read_policy(out, fd);
	if (err == 0 && (out->policy.daily_max > 0 || out->policy.released_max > 0))
		err = read_tags(out, fd);
	if (fd >= 0)
		close(fd);
	if (err < 0) {
		complain(out, "%s", dir_words(err));
		return err;
	}
	surplus_mark(out->tags, out->count, &out->policy);
	return 0;
}

void branch_free(struct branch *branch) {
	for (size_t i = 0; i < branch->count; i++)
		free(branch->tags[i].name);
	free(branch->tags);
	branch->tags = NULL;
	branch->count = 0;
}

const struct tag *branch_find(const struct branch *branch, const char *tag) {
	for (size_t i = 0; i < branch->count; i++) {
		if (strcmp(branch->tags[i].name, tag) == 0)
			return &branch->tags[i];
	}
	return NULL;
}
