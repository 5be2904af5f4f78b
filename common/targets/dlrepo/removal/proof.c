// SPDX-License-Identifier: MPL-2.0
// proof: can what will be done be done here, and is what tells a file in use from an orphan true?
//
// Design notes
// - A file with one name is an orphan. Some file systems say 1 of every file, or copy where a
//   second name is asked for.
// - What servers on other hosts do with their uploads is not told by this kernel. So a file system
//   that other hosts may use as well takes a promise; one that is not known counts as such.
#include "common/targets/dlrepo/removal/proof.h"

#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/rule/second_look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ONE ".one"
#define OTHER ".other"
#define INNER "inner"

static int fail(char *error, size_t error_bytes, int err, const char *what, const char *remedy) {
	snprintf(
		error,
		error_bytes,
		"cannot %s: %s%s%s",
		what,
		dir_words(err),
		remedy[0] == '\0' ? "" : "; ",
		remedy
	);
	return err == -ENOMEM ? err : -EPERM;
}

static int refuse(char *error, size_t error_bytes, const char *root, const char *words) {
	snprintf(error, error_bytes, "the file system of '%.300s' %s", root, words);
	return -EPERM;
}

// --- what other hosts do

// Those whose every change goes through this kernel. Source of the numbers: linux/magic.h and the
// sources of ZFS, JFS and bcachefs.
static bool is_of_this_host(int root) {
	static const unsigned long known[] = {
		0xEF53, // ext2, ext3, ext4
		0x58465342, // XFS
		0x9123683E, // btrfs
		0xF2F52010, // F2FS
		0x2FC12FC1, // ZFS
		0xCA451A4E, // bcachefs
		0x3153464A, // JFS
		0x3434, // NILFS
		0x52654973, // ReiserFS
		0x01021994, // tmpfs
		0x858458F6, // ramfs
		0x794C7630, // overlay
	};
	struct statfs found;

	if (fstatfs(root, &found) < 0)
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if ((unsigned long)found.f_type == known[i])
			return true;
	}
	return false;
}

// --- names

static bool is_twice(int fd) {
	struct stat one, other;

	return dir_look_anew(fd, ONE, &one) == 0 && dir_look_anew(fd, OTHER, &other) == 0 &&
		one.st_ino == other.st_ino && one.st_nlink == 2 && other.st_nlink == 2;
}

// 0; -EMLINK: it counts no names; or a negative errno.
static int try_names(int fd) {
	int file = openat(fd, ONE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err = file < 0 ? -errno : 0;

	if (file >= 0)
		close(file);
	if (err == 0 && linkat(fd, ONE, fd, OTHER, 0) < 0 && errno != EEXIST)
		err = errno == EPERM || errno == ENOTSUP ? -EMLINK : -errno;
	if (err == 0 && !is_twice(fd))
		err = -EMLINK;
	unlinkat(fd, OTHER, 0);
	unlinkat(fd, ONE, 0);
	return err;
}

// Of a directory that was given this time, and then exchanged.
static bool has_kept_time(int fd, const char *name) {
	struct stat found;

	return dir_look_anew(fd, name, &found) == 0 && found.st_mtim.tv_sec == HOLDER_TIME_S &&
		found.st_mtim.tv_nsec == 0;
}

static int make_one(int fd, const char *name) {
	static const struct timespec times[2] = {{HOLDER_TIME_S, 0}, {HOLDER_TIME_S, 0}};

	if (mkdirat(fd, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

// Of directories in different ones, as it will be.
static int try_exchange(struct aside *aside, int fd, int other_fd) {
	int err = make_one(fd, ONE);

	if (err == 0)
		err = make_one(other_fd, OTHER);
	if (err == 0)
		err = aside_exchange(fd, ONE, other_fd, OTHER);
	if (err == 0)
		aside_note_times(aside, !has_kept_time(other_fd, OTHER));
	unlinkat(fd, ONE, AT_REMOVEDIR);
	unlinkat(other_fd, OTHER, AT_REMOVEDIR);
	return err;
}

static int try_all(
	const struct dlrepo_config *config,
	int fd,
	int other_fd,
	const char *what,
	char *error,
	size_t error_bytes
) {
	int err = try_names(fd);

	if (err == -EMLINK)
		return refuse(
			error,
			error_bytes,
			config->root,
			"does not count hard links, so every file would look like one that nothing "
			"needs; nothing is removed there"
		);
	if (err == 0 && !config->no_server)
		err = try_exchange(config->aside, fd, other_fd);
	if (err == -EOPNOTSUPP)
		return fail(
			error,
			error_bytes,
			err,
			"exchange two names on this file system, which it takes to remove orphans "
			"beside a server",
			"have the server do it (SIGUSR1), or stop it and give --no-server"
		);
	return err < 0 ? fail(error, error_bytes, err, what, "") : 0;
}

int proof_foresee(const struct dlrepo_config *config, int root, char *error, size_t error_bytes) {
	if (config->no_server || config->server_here || is_of_this_host(root))
		return 0;
	return refuse(
		error,
		error_bytes,
		config->root,
		"may be used by other hosts, and uploads that a server there throws away "
		"are not seen here; run this where the server runs and promise that by "
		"--server-here, or stop the server and give --no-server"
	);
}

int proof_make(const struct dlrepo_config *config, int root, char *error, size_t error_bytes) {
	char what[400];
	int fd = aside_open(config->aside, root, ASIDE_PROOF);
	int other_fd = fd < 0 ? fd : aside_open(config->aside, root, ASIDE_PROOF "/" INNER);
	int err;

	snprintf(what, sizeof(what), "make '%.200s/%s'", config->root, ASIDE_DIR);
	err = other_fd < 0 ? fail(error, error_bytes, other_fd, what, "")
			   : try_all(config, fd, other_fd, what, error, error_bytes);
	if (other_fd >= 0)
		close(other_fd);
	if (fd >= 0) {
		unlinkat(fd, INNER, AT_REMOVEDIR);
		close(fd);
	}
	return err == 0 ? proof_foresee(config, root, error, error_bytes) : err;
}
