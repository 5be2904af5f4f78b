// SPDX-License-Identifier: MPL-2.0
// signals: what the operator wants, as a file descriptor.
#include "cli/front/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(void) {
	static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT, SIGUSR1, SIGUSR2};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&set, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int signals_open_stops(void) {
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

// Is there a shell that waits for this process, so that it may be stopped and continued? An
// orphaned process group is never stopped from its terminal (POSIX.1-2017, 2.4.4).
static bool has_shell(void) {
	pid_t parent = getppid();

	return getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

enum signals_wish signals_read(int fd) {
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return SIGNALS_NOTHING;
	switch (info.ssi_signo) {
	// The kernel itself sends what is typed (signalfd_siginfo, signal(7)).
	case SIGTSTP:
		return info.ssi_code == SI_KERNEL && has_shell() ? SIGNALS_SUSPEND : SIGNALS_QUIET;
	case SIGCONT:
		return SIGNALS_RESUME;
	case SIGHUP:
		return SIGNALS_RELOAD;
	case SIGUSR1:
		return SIGNALS_SCAN;
	case SIGUSR2:
		return SIGNALS_LEAVE;
	default:
		return SIGNALS_STOP;
	}
}
