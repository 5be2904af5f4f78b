// SPDX-License-Identifier: MPL-2.0
// holder: the directory that holds the place of a file.
#include "common/targets/dlrepo/removal/holder.h"

#include "common/targets/dlrepo/repo/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

// From here on nobody is in the middle of an exchange with it.
enum { STALE_S = 60 };

// A server that runs as the file's owner can then touch it.
static int give_to_owner(int aside_fd, const char *name, const struct stat *of_file) {
	if (of_file->st_uid == geteuid())
		return 0;
	return fchownat(aside_fd, name, of_file->st_uid, of_file->st_gid, AT_SYMLINK_NOFOLLOW);
}

// 0: it is gone now.
static int remove_stale(int aside_fd, const char *name) {
	struct stat found;
	int err = dir_look_anew(aside_fd, name, &found);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	if (!S_ISDIR(found.st_mode))
		return -EEXIST;
	if (time(NULL) - found.st_ctim.tv_sec < STALE_S)
		return -EBUSY;
	return unlinkat(aside_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

static int make(int aside_fd, const char *name) {
	int err;

	if (mkdirat(aside_fd, name, 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	err = remove_stale(aside_fd, name);
	if (err < 0)
		return err;
	return mkdirat(aside_fd, name, 0755) < 0 ? -errno : 0;
}

int holder_make(int aside_fd, const char *name, const struct stat *of_file) {
	static const struct timespec times[2] = {{HOLDER_TIME_S, 0}, {HOLDER_TIME_S, 0}};
	int err = make(aside_fd, name);

	if (err < 0)
		return err;
	if (utimensat(aside_fd, name, times, AT_SYMLINK_NOFOLLOW) == 0 &&
	    give_to_owner(aside_fd, name, of_file) == 0)
		return 0;
	err = -errno;
	unlinkat(aside_fd, name, AT_REMOVEDIR);
	return err;
}

void holder_note_time(int fd, const char *name, struct first_look *first) {
	struct stat place;

	if (dir_look_anew(fd, name, &place) == 0 && place.st_ino == first->holder &&
	    second_look_is_fresh(&place))
		first->holder_changed = place.st_mtim;
}
