// SPDX-License-Identifier: MPL-2.0
// aside: where things lie while they are removed.
//
// Design notes
// - A lock ends with its process, however that ends; on NFS the server sees to it. A time would
//   need clocks that agree, and a process that was stopped for long would lose what it still has.
// - A lock belongs to the file, not to its name. Who gets one looks whether the name still leads to
//   that file: whoever took over and removed a directory removed its lock with it.
// - Should two processes ever believe that the same directory is theirs, nothing is lost by it:
//   each step of a removal looks at what is there, and a file that went back is left alone.
#include "common/targets/dlrepo/repo/aside.h"

#include "common/base/clock.h"
#include "common/base/monitor.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_FILE "lock"

enum { HOST_BYTES = 48, NAME_BYTES = 100, TRIES_MOST = 100, TRY_MS = 10 };
// Of a path in .deleting.
enum { OTHER_BYTES = sizeof(ASIDE_DIR) + 256 };

struct aside {
	char name[NAME_BYTES];
	atomic_bool exchange_sets_time;
	struct monitor monitor; // guards the rest
	char path[ASIDE_PATH_BYTES];
	unsigned turn;
	int root; // -1: nothing was made
	int dir; // that is locked
	int lock;
};

// --- locks

static bool is_named(int dir_fd, int lock) {
	struct stat locked, named;

	return fstat(lock, &locked) == 0 && dir_look(dir_fd, LOCK_FILE, &named) == 0 &&
		locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

// A file descriptor; -EBUSY: somebody has it; -ENOENT: the directory was just removed, or there is
// no lock and none was to be made.
static int lock_in(int dir_fd, int makes) {
	int fd = openat(dir_fd, LOCK_FILE, O_RDWR | O_CLOEXEC | O_NOFOLLOW | makes, 0600);
	int err = fd < 0 ? -errno : 0;

	if (err == 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (err == 0 && !is_named(dir_fd, fd))
		err = -ENOENT;
	if (err < 0 && fd >= 0)
		close(fd);
	return err < 0 ? err : fd;
}

// --- the own one

// A pid means nothing on another host, and little in a container.
static int choose_name(char out[NAME_BYTES]) {
	char host[HOST_BYTES] = "";
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return -EIO;
	gethostname(host, sizeof(host) - 1);
	for (char *c = host; *c != '\0'; c++)
		*c = (char)(*c == '/' ? '_' : *c);
	snprintf(out, NAME_BYTES, "%s.%ld.%016" PRIx64, host, (long)getpid(), number);
	return 0;
}

static void name_place(struct aside *aside) {
	if (aside->turn == 0)
		snprintf(aside->path, sizeof(aside->path), ASIDE_DIR "/%s", aside->name);
	else
		snprintf(
			aside->path,
			sizeof(aside->path),
			ASIDE_DIR "/%s.%u",
			aside->name,
			aside->turn
		);
}

int aside_new(struct aside **out, const char *name) {
	struct aside *aside = calloc(1, sizeof(*aside));
	char chosen[NAME_BYTES];
	int err = aside == NULL ? -ENOMEM : 0;

	if (err == 0 && name == NULL)
		err = choose_name(chosen);
	if (err < 0) {
		free(aside);
		return err;
	}
	snprintf(aside->name, sizeof(aside->name), "%s", name == NULL ? chosen : name);
	name_place(aside);
	monitor_init(&aside->monitor);
	aside->root = -1;
	aside->dir = -1;
	aside->lock = -1;
	*out = aside;
	return 0;
}

void aside_path(struct aside *aside, char out[ASIDE_PATH_BYTES]) {
	monitor_lock(&aside->monitor);
	snprintf(out, ASIDE_PATH_BYTES, "%s", aside->path);
	monitor_unlock(&aside->monitor);
}

int aside_root(const struct aside *aside) {
	return aside->root;
}

bool aside_is_own(struct aside *aside, const char *name) {
	char path[ASIDE_PATH_BYTES];

	if (aside == NULL)
		return false;
	aside_path(aside, path);
	return strcmp(path + sizeof(ASIDE_DIR "/") - 1, name) == 0;
}

static void close_one(int *fd) {
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void let_go(struct aside *aside) {
	close_one(&aside->lock);
	close_one(&aside->dir);
	close_one(&aside->root);
}

void aside_turn(struct aside *aside) {
	monitor_lock(&aside->monitor);
	let_go(aside);
	aside->turn++;
	name_place(aside);
	monitor_unlock(&aside->monitor);
}

static int make_and_lock(struct aside *aside, int root) {
	aside->root = fcntl(root, F_DUPFD_CLOEXEC, 0);
	if (aside->root < 0)
		return -errno;
	aside->dir = dir_make(root, aside->path);
	if (aside->dir < 0)
		return aside->dir;
	aside->lock = lock_in(aside->dir, O_CREAT);
	return aside->lock < 0 ? aside->lock : 0;
}

static int hold_once(struct aside *aside, int root) {
	int err;

	if (aside->lock >= 0 && is_named(aside->dir, aside->lock))
		return 0;
	let_go(aside);
	err = make_and_lock(aside, root);
	if (err < 0)
		let_go(aside);
	return err;
}

// Others remove directories that they find empty, and look into this one before it is locked.
static int hold(struct aside *aside, int root) {
	int err = -ENOENT;

	for (int i = 0; i < TRIES_MOST && (err == -ENOENT || err == -EBUSY); i++) {
		if (i > 0)
			clock_pause(TRY_MS);
		err = hold_once(aside, root);
	}
	return err;
}

int aside_open(struct aside *aside, int root, const char *path) {
	int fd;

	monitor_lock(&aside->monitor);
	fd = hold(aside, root);
	if (fd == 0)
		fd = dir_make(aside->dir, path);
	monitor_unlock(&aside->monitor);
	return fd;
}

// --- as it goes

// The lock is closed before its directory goes: on NFS a file that is open stays there under
// another name. Without it the directory counts as that of a process that is gone.
static void remove_empty(int root, const char *path, int lock) {
	static const char *const parts[] = {ASIDE_FILES, ASIDE_TAGS, ASIDE_BACK, ASIDE_PROOF};
	int fd = dir_open(root, path);
	bool is_empty = fd >= 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && fd >= 0; i++)
		is_empty &= unlinkat(fd, parts[i], AT_REMOVEDIR) == 0 || errno == ENOENT;
	if (is_empty)
		unlinkat(fd, LOCK_FILE, 0);
	if (lock >= 0)
		close(lock);
	if (fd >= 0)
		close(fd);
	if (is_empty)
		unlinkat(root, path, AT_REMOVEDIR);
	unlinkat(root, ASIDE_DIR, AT_REMOVEDIR);
}

void aside_leave(struct aside *aside) {
	monitor_lock(&aside->monitor);
	if (aside->root >= 0) {
		remove_empty(aside->root, aside->path, aside->lock);
		aside->lock = -1;
	}
	let_go(aside);
	monitor_unlock(&aside->monitor);
}

void aside_free(struct aside *aside) {
	if (aside == NULL)
		return;
	aside_leave(aside);
	monitor_fini(&aside->monitor);
	free(aside);
}

// --- those of others

static void name_other(const char *name, char out[OTHER_BYTES]) {
	snprintf(out, OTHER_BYTES, "%s/%s", ASIDE_DIR, name);
}

static int take_over(int root, const char *name, int makes) {
	char path[OTHER_BYTES];
	int fd, lock;

	name_other(name, path);
	fd = dir_open(root, path);
	if (fd < 0)
		return fd;
	lock = lock_in(fd, makes);
	close(fd);
	return lock;
}

int aside_take_over(int root, const char *name) {
	return take_over(root, name, O_CREAT);
}

// Without a lock it counts as that of a process that is gone.
static bool is_orphan(int root, const char *name) {
	int lock = take_over(root, name, 0);

	if (lock >= 0)
		close(lock);
	return lock != -EBUSY;
}

void aside_remove(int root, const char *name, int lock) {
	char path[OTHER_BYTES];

	name_other(name, path);
	remove_empty(root, path, lock);
}

// On NFS a file that somebody has open stays under such a name.
static bool is_content(const char *name) {
	return strcmp(name, LOCK_FILE) != 0 && strncmp(name, ".nfs", 4) != 0;
}

bool aside_has_content(int root, const char *name) {
	char path[OTHER_BYTES];
	struct listing listing = {.count = 0};
	bool has = false;
	int fd;

	name_other(name, path);
	fd = dir_open(root, path);
	if (fd < 0)
		return false;
	listing_read(&listing, fd, LISTING_ALL);
	for (size_t i = 0; i < listing.count; i++)
		has |= is_content(listing.names[i]);
	listing_free(&listing);
	close(fd);
	return has;
}

bool aside_has_orphans(int root) {
	int fd = dir_open(root, ASIDE_DIR);
	struct listing listing = {.count = 0};
	bool has = false;

	if (fd < 0)
		return fd != -ENOENT;
	if (listing_read(&listing, fd, LISTING_DIRECTORIES) < 0)
		has = true;
	for (size_t i = 0; i < listing.count && !has; i++)
		has = is_orphan(root, listing.names[i]);
	listing_free(&listing);
	close(fd);
	return has;
}

void aside_note_times(struct aside *aside, bool exchange_sets_time) {
	atomic_store(&aside->exchange_sets_time, exchange_sets_time);
}

bool aside_exchange_sets_time(const struct aside *aside) {
	return atomic_load(&aside->exchange_sets_time);
}

int aside_exchange(int one_fd, const char *one, int other_fd, const char *other) {
	if (renameat2(one_fd, one, other_fd, other, RENAME_EXCHANGE) == 0)
		return 0;
	// What file systems and old kernels say that do not know it (rename(2)).
	return errno == EINVAL || errno == ENOSYS || errno == ENOTSUP ? -EOPNOTSUPP : -errno;
}
