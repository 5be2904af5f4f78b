// SPDX-License-Identifier: MPL-2.0
// upload_watch: counts uploads that a server throws away.
//
// Design notes
// - The root is watched for the directory itself, which a server makes with its first upload.
// - An upload that a clean-up removes is moved away first, and that is no removal here.
#include "common/targets/dlrepo/repo/upload_watch.h"

#include "common/base/monitor.h"
#include "common/targets/dlrepo/rule/layout.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES = 16 * 1024 };

struct upload_watch {
	struct monitor monitor;
	char *uploads;
	int fd;
	int root; // watches
	int dir;
	uint64_t thrown_away;
	uint64_t unknown;
};

// From here on what happens there is told; it may have happened before.
static void watch_directory(struct upload_watch *watch) {
	int dir = inotify_add_watch(
		watch->fd, watch->uploads, IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
	);

	if (dir >= 0 && dir != watch->dir)
		watch->unknown++;
	if (dir < 0 && errno != ENOENT)
		watch->unknown++;
	watch->dir = dir;
}

int upload_watch_open(struct upload_watch **out, const char *root) {
	struct upload_watch *watch = calloc(1, sizeof(*watch));
	int err = 0;

	if (watch == NULL)
		return -ENOMEM;
	monitor_init(&watch->monitor);
	watch->dir = -1;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0)
		err = -errno;
	if (err == 0 && asprintf(&watch->uploads, "%s/%s", root, UPLOADS_DIR) < 0)
		err = -ENOMEM;
	if (err == 0) {
		watch->root = inotify_add_watch(
			watch->fd, root, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR
		);
		err = watch->root < 0 ? -errno : 0;
	}
	if (err < 0) {
		upload_watch_close(watch);
		return err;
	}
	watch_directory(watch);
	*out = watch;
	return 0;
}

void upload_watch_close(struct upload_watch *watch) {
	if (watch == NULL)
		return;
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch->uploads);
	monitor_fini(&watch->monitor);
	free(watch);
}

static bool is_uploads(const struct inotify_event *event) {
	return event->len > 0 && strcmp(event->name, UPLOADS_DIR) == 0;
}

static void take(struct upload_watch *watch, const struct inotify_event *event) {
	bool is_of_root = event->wd == watch->root;
	bool is_of_uploads = event->wd == watch->dir;

	if (is_of_root && is_uploads(event))
		watch_directory(watch);
	else if (is_of_uploads && (event->mask & IN_DELETE) != 0)
		watch->thrown_away++;
	else if (is_of_uploads || (event->mask & IN_Q_OVERFLOW) != 0)
		watch->unknown++;
}

static void read_on(struct upload_watch *watch) {
	alignas(struct inotify_event) char events[EVENTS_BYTES];
	ssize_t len;

	while ((len = read(watch->fd, events, sizeof(events))) > 0) {
		for (char *at = events; at < events + len;) {
			const struct inotify_event *event = (const struct inotify_event *)(void *)
				at;

			take(watch, event);
			at += sizeof(*event) + event->len;
		}
	}
	if (len < 0 && errno != EAGAIN && errno != EINTR)
		watch->unknown++;
}

uint64_t upload_watch_count(struct upload_watch *watch) {
	uint64_t count;

	monitor_lock(&watch->monitor);
	read_on(watch);
	count = watch->thrown_away + watch->unknown;
	monitor_unlock(&watch->monitor);
	return count;
}
