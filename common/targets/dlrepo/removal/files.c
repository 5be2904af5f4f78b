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
#include "common/targets/dlrepo/removal/holder.h"
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

enum { SLASHES_MOST = 60, TRIES_MOST = 5 };

struct job {
	const struct files_rule *rule;
	struct aside *aside;
	// Of the directory that they are in, and of the one that they go to; -1: not open yet.
	int fd, aside_fd;
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

// It stays aside, for whoever tidies up.
static void fail_and_leave(struct file *file, int err, const char *deed) {
	fail(file, err, deed);
	file->is_left = true;
}

// Of one that is aside: what fails may work soon, and its place is held meanwhile.
static void fail_at_last(const struct job *job, struct file *file, int err, const char *deed) {
	if (file->tries++ < TRIES_MOST)
		file->since_ms = job->now_ms;
	else
		fail_and_leave(file, err, deed);
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

static bool is_due(const struct job *job, const char *name, const struct stat *found) {
	return orphan_is_due(found, &job->now, job->rule->lifetime_ms) && !orphan_is_silly(name);
}

static void spare_busy(struct file *file) {
	file->place = FILE_SPARED;
	file->was_held = true;
}

// Another process may have exchanged the two in between: then it is its directory that came.
static bool is_what_was_seen(const struct job *job, const char *name, const struct stat *found) {
	struct stat came;

	return dir_look_anew(job->aside_fd, name, &came) < 0 || came.st_ino == found->st_ino;
}

static void exchange_back(const struct job *job, const char *name, struct file *file) {
	int err = aside_exchange(job->fd, name, job->aside_fd, name);

	if (err == 0 && unlinkat(job->aside_fd, name, AT_REMOVEDIR) == 0)
		spare_busy(file);
	else
		fail_and_leave(file, err == 0 ? -errno : err, "exchange back");
}

static void note_aside(const struct job *job, const char *name, struct file *file) {
	file->place = FILE_ASIDE;
	if (aside_exchange_sets_time(job->aside))
		holder_note_time(job->fd, name, &file->first);
	file->thrown_away = job->thrown_away;
	file->since_ms = job->now_ms;
}

static void exchange(struct job *job, const char *name, struct file *file, struct stat *found) {
	struct stat holder;
	int err = dir_look_anew(job->aside_fd, name, &holder);

	// To make a directory takes its time.
	if (err == 0)
		err = dir_look_anew(job->fd, name, found);
	if (err == 0 && !is_due(job, name, found)) {
		unlinkat(job->aside_fd, name, AT_REMOVEDIR);
		file->place = FILE_SPARED;
		file->was_held = S_ISDIR(found->st_mode);
		return;
	}
	if (err == 0)
		err = aside_exchange(job->fd, name, job->aside_fd, name);
	if (err == 0) {
		file->bytes = found->st_size;
		file->first = first_look_of(found, &holder);
		if (is_what_was_seen(job, name, found))
			note_aside(job, name, file);
		else
			exchange_back(job, name, file);
		return;
	}
	unlinkat(job->aside_fd, name, AT_REMOVEDIR);
	if (err == -ENOENT)
		file->place = FILE_GONE;
	else
		fail(file, err, "exchange with a directory");
}

static void put_aside(struct job *job, const char *name, struct file *file, struct stat *found) {
	int err = open_aside(job);

	if (err == 0)
		err = holder_make(job->aside_fd, name, found);
	if (err == 0)
		exchange(job, name, file, found);
	else if (err == -EBUSY)
		spare_busy(file);
	else
		fail(file, err, "make a directory in " ASIDE_DIR " for");
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
	if (err < 0) {
		fail_at_last(job, file, err, "put back");
		return;
	}
	file->place = FILE_SPARED;
	if (unlinkat(job->aside_fd, name, AT_REMOVEDIR) < 0)
		fail_and_leave(file, -errno, "put back");
}

static void free_place(struct job *job, const char *name, struct file *file) {
	if (unlinkat(job->fd, name, AT_REMOVEDIR) < 0) {
		put_back(job, name, file, true);
		return;
	}
	file->place = FILE_FREED;
	file->since_ms = job->now_ms;
}

// Somebody took the file away, or back to its place. The directory is ours to remove only if it is
// still the one that was made for it.
static void give_up_place(const struct job *job, const char *name, struct file *file) {
	struct stat place;

	file->place = FILE_GONE;
	if (dir_look_anew(job->fd, name, &place) < 0)
		return;
	if (S_ISREG(place.st_mode) && place.st_ino == file->first.file)
		file->place = FILE_SPARED;
	if (!S_ISDIR(place.st_mode) || place.st_ino != file->first.holder)
		return;
	if (unlinkat(job->fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
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
		fail_and_leave(file, -EEXIST, "go on with what is in the place of");
		break;
	}
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
		fail_at_last(job, file, err, "bring back");
	else
		file->place = FILE_SPARED;
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
	if (err == -ENOENT)
		bring_back(job, name, file);
	else if (err < 0)
		fail_at_last(job, file, err, "look again at");
	else
		act(job, name, file, second_look(&file->first, &found, &place));
}

static void remove_freed(struct job *job, const char *name, struct file *file) {
	int err = open_aside(job);

	if (err < 0)
		fail_at_last(job, file, err, "remove");
	else if (file->thrown_away != job->thrown_away)
		bring_back(job, name, file);
	else
		unlink_in(job->aside_fd, name, file);
	file->is_left |= file->place == FILE_FAILED;
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

// Returns how long to wait, as files_remove.
static int64_t fail_all(const struct job *job, size_t count, struct file *files, int err) {
	int64_t wait_ms = 0;

	for (size_t i = 0; i < count; i++) {
		struct file *file = &files[i];

		if (file->place == FILE_NEW && err == -ENOENT)
			file->place = FILE_GONE;
		else if (file->place == FILE_NEW)
			fail(file, err, "open the directory of");
		else if (file->place <= FILE_FREED)
			fail_at_last(job, file, err, "open the directory of");
		if (left_ms(job, file) > wait_ms)
			wait_ms = left_ms(job, file);
	}
	return wait_ms;
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
		wait_ms = fail_all(&job, record->count, files, job.fd < 0 ? job.fd : -EMLINK);
		if (job.fd >= 0)
			close(job.fd);
		return wait_ms;
	}
	for (size_t i = 0; i < record->count; i++)
		step(&job, record->names[i], &files[i], &wait_ms);
	if (job.aside_fd >= 0)
		close(job.aside_fd);
	close(job.fd);
	return wait_ms;
}
