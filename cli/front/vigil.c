// SPDX-License-Identifier: MPL-2.0
// vigil: as long as a command has not begun its work, a stop ends the process at once.
//
// Design notes. The signal is not read, only seen. So one that comes while the vigil ends is still
// there for orders.
#include "cli/front/vigil.h"

#include "cli/front/command.h"
#include "cli/front/signals.h"
#include "common/base/log.h"
#include "common/base/thread.h"
#include "common/base/wake.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct vigil {
	struct log *log;
	int stops_fd;
	int end_fd; // as wake.h
	bool has_thread;
	pthread_t thread;
};

static void *watch(void *ctx) {
	const struct vigil *vigil = ctx;
	struct pollfd fds[] = {
		{.fd = vigil->end_fd, .events = POLLIN},
		{.fd = vigil->stops_fd, .events = POLLIN},
	};

	while (poll(fds, 2, -1) < 0)
		;
	if (fds[0].revents != 0)
		return NULL;
	LOG(vigil->log, LOG_LEVEL_INFO, "stopped before anything was begun");
	_exit(EXIT_COMPLETE);
}

static int open_parts(struct vigil *vigil) {
	int err;

	vigil->end_fd = wake_open();
	if (vigil->end_fd < 0)
		return vigil->end_fd;
	vigil->stops_fd = signals_open_stops();
	if (vigil->stops_fd < 0)
		return vigil->stops_fd;
	err = thread_start_deaf(&vigil->thread, watch, vigil);
	vigil->has_thread = err == 0;
	return err;
}

int vigil_open(struct vigil **out, struct log *log) {
	struct vigil *vigil = malloc(sizeof(*vigil));
	int err;

	if (vigil == NULL)
		return -ENOMEM;
	*vigil = (struct vigil){.log = log, .stops_fd = -1, .end_fd = -1};
	err = open_parts(vigil);
	if (err < 0) {
		vigil_close(vigil);
		return err;
	}
	*out = vigil;
	return 0;
}

void vigil_close(struct vigil *vigil) {
	if (vigil == NULL)
		return;
	if (vigil->has_thread) {
		wake_ring(vigil->end_fd);
		pthread_join(vigil->thread, NULL);
	}
	if (vigil->stops_fd >= 0)
		close(vigil->stops_fd);
	if (vigil->end_fd >= 0)
		close(vigil->end_fd);
	free(vigil);
}
