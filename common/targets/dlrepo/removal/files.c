// SPDX-License-Identifier: MPL-2.0
// files: removes orphan files of a directory, while a server may link them.
//
// Design notes
// - The exchange is one step: the name leads to the file or to the directory, never to nothing. A
//   server that comes while the directory is there finds no file, and says so to its client.
// - A server that saw the file before may still touch the name. That changes the directory, which
//   shows; or it links what it opened, which shows in the number of names. Then the file goes back.
// - For an upload that ends meanwhile, the directory is a blob that is there already: the server
//   throws the upload away. upload_watch.c hears of it, and the file comes back as if it were new.
// - The directory goes first, then the file, after a while: a server that saw the directory may be
//   about to throw an upload away. Whatever ends this process in between, the file is still there,
//   and recovery.c knows from where it came.
#include "common/targets/dlrepo/removal/files.h"

#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/dir.h"
#include "common/targets/dlrepo/repo/upload_watch.h"
#include "common/targets/dlrepo/rule/layout.h"
#include "common/targets/dlrepo/rule/orphan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLASHES_MOST = 60 };

struct job {
	const struct files_rule *rule;
	struct aside *aside;
	// Of the directory that they are in, and of the one that they go to; -1: not open yet.
	int fd;
	int aside_fd;
	int root;
	const char *dir;
	struct timespec now;
	int64_t now_ms;
	uint64_t thrown_away; // of the watch
};

static void fail(struct file *file, int err, const char *deed) {
	file->place = FILE_FAILED;
	file->err = err;
	file->deed = deed;
}

// --- the first look

static int open_aside(struct job *job) {
	char path[PATH_MAX];

	if (job->aside_fd >= 0)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", ASIDE_FILES, job->dir) >= sizeof(path))
		return -ENAMETOOLONG;
	job->aside_fd = aside_open(job->aside, job->root, path);
	return job->aside_fd < 0 ? job->aside_fd : 0;
}

// A server that runs as the file's owner can then touch it.
static int give_to_owner(const struct job *job, const char *name, const struct stat *of_file) {
	if (of_file->st_uid == geteuid())
		return 0;
	return fchownat(job->aside_fd, name, of_file->st_uid, of_file->st_gid, AT_SYMLINK_NOFOLLOW);
}

// Makes the directory that will hold the place.
static int make_holder(const struct job *job, const char *name, const struct stat *of_file) {
	static const struct timespec times[2] = {{HOLDER_TIME_S, 0}, {HOLDER_TIME_S, 0}};
	int err;

	if (mkdirat(job->aside_fd, name, 0755) < 0)
		return -errno;
	if (utimensat(job->aside_fd, name, times, AT_SYMLINK_NOFOLLOW) == 0 &&
	    give_to_owner(job, name, of_file) == 0)
		return 0;
	err = -errno;
	unlinkat(job->aside_fd, name, AT_REMOVEDIR);
	return err;
}

// Where the exchange itself gives the directory a new time, that is the one to compare with, unless
// somebody touched it already.
static void note_new_time(const struct job *job, const char *name, struct first_look *first) {
	struct stat place;

	if (aside_exchange_sets_time(job->aside) && dir_look_anew(job->fd, name, &place) == 0 &&
	    place.st_ino == first->holder && second_look_is_fresh(&place))
		first->holder_changed = place.st_mtim;
}

static bool is_due(const struct job *job, const char *name, const struct stat *found) {
	return orphan_is_due(found, &job->now, job->rule->lifetime_ms) && !orphan_is_silly(name);
}

static void put_aside(struct job *job, const char *name, struct file *file, struct stat *found) {
	struct stat holder;
	int err = open_aside(job);

	if (err == 0)
		err = make_holder(job, name, found);
	if (err < 0) {
		fail(file, err, "make a directory in " ASIDE_DIR " for");
		return;
	}
	err = dir_look_anew(job->aside_fd, name, &holder);
	// To make a directory takes its time.
	if (err == 0)
		err = dir_look_anew(job->fd, name, found);
	if (err == 0 && !is_due(job, name, found)) {
		unlinkat(job->aside_fd, name, AT_REMOVEDIR);
		file->place = FILE_SPARED;
		return;
	}
	if (err == 0)
		err = aside_exchange(job->fd, name, job->aside_fd, name);
	if (err < 0) {
		unlinkat(job->aside_fd, name, AT_REMOVEDIR);
		if (err == -ENOENT)
			file->place = FILE_GONE;
		else
			fail(file, err, "exchange with a directory");
		return;
	}
	file->place = FILE_ASIDE;
	file->first = (struct first_look){
		.file = found->st_ino,
		.file_changed = found->st_mtim,
		.holder = holder.st_ino,
		.holder_changed = holder.st_mtim,
	};
	note_new_time(job, name, &file->first);
	file->thrown_away = job->thrown_away;
	file->bytes = found->st_size;
	file->since_ms = job->now_ms;
}

static void unlink_in(int fd, const char *name, struct file *file) {
	if (unlinkat(fd, name, 0) == 0)
		file->place = FILE_REMOVED;
	else if (errno == ENOENT)
		file->place = FILE_GONE;
	else
		fail(file, -errno, "remove");
}

// A server looks for an upload by no name but its own, and moves it among the blobs when it is
// whole: a directory in its place would be moved with it. It is not removed where it is, because
// for each process that watches that counts as thrown away.
static void remove_upload(struct job *job, const char *name, struct file *file) {
	int err = open_aside(job);

	if (err == 0 && renameat2(job->fd, name, job->aside_fd, name, RENAME_NOREPLACE) < 0)
		err = -errno;
	if (err == 0)
		unlink_in(job->aside_fd, name, file);
	else if (err == -ENOENT)
		file->place = FILE_GONE;
	else
		fail(file, err, "move to " ASIDE_DIR);
}

static bool is_over(const struct job *job) {
	return job->rule->is_over != NULL && atomic_load(job->rule->is_over);
}

static void look_first(struct job *job, const char *name, struct file *file) {
	struct stat found = {.st_mode = 0};
	int err = dir_look_anew(job->fd, name, &found);

	file->bytes = found.st_size;
	if (err == -ENOENT)
		file->place = FILE_GONE;
	else if (err < 0)
		fail(file, err, "look at");
	else if (is_over(job) || !is_due(job, name, &found)) {
		file->place = FILE_SPARED;
		file->was_held = S_ISDIR(found.st_mode);
	} else if (job->rule->is_alone)
		unlink_in(job->fd, name, file);
	else if (layout_is_below(job->dir, UPLOADS_DIR))
		remove_upload(job, name, file);
	else
		put_aside(job, name, file, &found);
}

// --- the second look

// Somebody came for it. What touched the directory meant the file.
static void put_back(const struct job *job, const char *name, struct file *file, bool was_touched) {
	int err = 0;

	if (was_touched && utimensat(job->aside_fd, name, NULL, AT_SYMLINK_NOFOLLOW) < 0)
		err = -errno;
	if (err == 0)
		err = aside_exchange(job->fd, name, job->aside_fd, name);
	if (err == 0 && unlinkat(job->aside_fd, name, AT_REMOVEDIR) < 0)
		err = -errno;
	if (err < 0)
		fail(file, err, "put back");
	else
		file->place = FILE_SPARED;
}

static void free_place(struct job *job, const char *name, struct file *file) {
	if (unlinkat(job->fd, name, AT_REMOVEDIR) < 0) {
		put_back(job, name, file, true);
		return;
	}
	file->place = FILE_FREED;
	file->since_ms = job->now_ms;
}

// Somebody took the file away, so that nothing will ever be put in its place again.
static void give_up_place(const struct job *job, const char *name, struct file *file) {
	if (unlinkat(job->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTDIR)
		file->place = FILE_GONE;
	else
		fail(file, -errno, "remove the directory in the place of");
}

static void act(struct job *job, const char *name, struct file *file, enum second_look look) {
	switch (look) {
	case LOOK_REMOVE:
		free_place(job, name, file);
		break;
	case LOOK_PUT_BACK:
		put_back(job, name, file, false);
		break;
	case LOOK_PUT_BACK_AS_NEW:
		put_back(job, name, file, true);
		break;
	case LOOK_REFUSE:
		fail(file, -EEXIST, "go on with what is in the place of");
		break;
	}
}

static void look_again(struct job *job, const char *name, struct file *file) {
	struct stat found = {.st_mode = 0}, place = {.st_mode = 0};
	int err = open_aside(job);

	if (err == 0)
		err = dir_look_anew(job->aside_fd, name, &found);
	if (err == -ENOENT) {
		give_up_place(job, name, file);
		return;
	}
	if (err == 0)
		err = dir_look_anew(job->fd, name, &place);
	if (err < 0)
		fail(file, err, "look again at");
	else
		act(job, name, file, second_look(&file->first, &found, &place));
}

// --- the end

// An upload of this very content may be the one that was thrown away. One that came since has
// taken the place, which is as good.
static void bring_back(const struct job *job, const char *name, struct file *file) {
	int err = utimensat(job->aside_fd, name, NULL, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;

	if (err == 0 && renameat2(job->aside_fd, name, job->fd, name, RENAME_NOREPLACE) < 0)
		err = -errno;
	if (err == -EEXIST)
		err = unlinkat(job->aside_fd, name, 0) < 0 ? -errno : 0;
	if (err < 0)
		fail(file, err, "bring back");
	else
		file->place = FILE_SPARED;
}

static void remove_freed(struct job *job, const char *name, struct file *file) {
	int err = open_aside(job);

	if (err < 0)
		fail(file, err, "remove");
	else if (file->thrown_away != job->thrown_away)
		bring_back(job, name, file);
	else
		unlink_in(job->aside_fd, name, file);
}

// --- a step

// How long it has to stay where it is; 0: it has come to its end.
static int64_t left_ms(const struct job *job, const struct file *file) {
	int64_t wait_ms = file->place == FILE_ASIDE ? job->rule->wait_ms : FREED_MS;

	if (file->place != FILE_ASIDE && file->place != FILE_FREED)
		return 0;
	return file->since_ms + wait_ms - job->now_ms;
}

static void step(struct job *job, const char *name, struct file *file, int64_t *wait_ms) {
	if (file->place == FILE_NEW)
		look_first(job, name, file);
	if (file->place == FILE_ASIDE && left_ms(job, file) <= 0)
		look_again(job, name, file);
	else if (file->place == FILE_FREED && left_ms(job, file) <= 0)
		remove_freed(job, name, file);
	if (left_ms(job, file) > *wait_ms)
		*wait_ms = left_ms(job, file);
}

static void fail_all(const struct record_files *record, struct file *files, int err) {
	for (size_t i = 0; i < record->count; i++) {
		if (files[i].place == FILE_NEW && err == -ENOENT)
			files[i].place = FILE_GONE;
		else if (files[i].place <= FILE_FREED)
			fail(&files[i], err, "open the directory of");
	}
}

// Whatever is put aside has to be found again.
static bool is_too_deep(const char *dir) {
	size_t slashes = 0;

	for (; *dir != '\0'; dir++)
		slashes += *dir == '/';
	return slashes > SLASHES_MOST;
}

int64_t files_remove(
	int root,
	struct aside *aside,
	const struct files_rule *rule,
	const struct record_files *record,
	struct file *files,
	int64_t now_ms
) {
	struct job job = {
		.rule = rule,
		.aside = aside,
		.root = root,
		.fd = dir_open(root, record->dir),
		.aside_fd = -1,
		.dir = record->dir,
		.now_ms = now_ms,
	};
	int64_t wait_ms = 0;

	clock_gettime(CLOCK_REALTIME, &job.now);
	// Before anything is put aside by this step.
	if (rule->watch != NULL)
		job.thrown_away = upload_watch_count(rule->watch);
	if (job.fd < 0 || is_too_deep(record->dir)) {
		fail_all(record, files, job.fd < 0 ? job.fd : -EMLINK);
		if (job.fd >= 0)
			close(job.fd);
		return 0;
	}
	for (size_t i = 0; i < record->count; i++)
		step(&job, record->names[i], &files[i], &wait_ms);
	if (job.aside_fd >= 0)
		close(job.aside_fd);
	close(job.fd);
	return wait_ms;
}
