// SPDX-License-Identifier: MPL-2.0
// watchdog: ends a worker that makes no progress.
#include "worker/watchdog.h"

#include "common/base/log.h"
#include "common/base/monitor.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { TICKS_IN_LIMIT = 10, TICK_MOST_MS = 1000 };

struct watchdog {
	struct watch watch; // of its thread
	struct watch_limits limits;
	struct log *log;
	int exit_status;
	int64_t tick_ms;
	int64_t ended; // of the loop
	atomic_uint_fast64_t steps;
	atomic_uint_fast64_t ends;
	pthread_t thread;
	struct monitor monitor; // guards what follows
	bool stopping;
};

enum watch_verdict watch_tick(
	struct watch *watch,
	const struct watch_limits *limits,
	uint64_t steps,
	uint64_t ends,
	int64_t tick_ms
) {
	watch->still_ms = steps == watch->steps ? watch->still_ms + tick_ms : 0;
	watch->stuck_ms = ends == watch->ends ? watch->stuck_ms + tick_ms : 0;
	watch->steps = steps;
	watch->ends = ends;
	if (watch->still_ms > limits->still_ms)
		return WATCH_STILL;
	return watch->stuck_ms > limits->stuck_ms ? WATCH_STUCK : WATCH_FINE;
}

// --- on its thread

static void end_process(const struct watchdog *watchdog, enum watch_verdict verdict) {
	const struct watch *watch = &watchdog->watch;
	bool is_still = verdict == WATCH_STILL;

	LOG(watchdog->log,
	    LOG_LEVEL_ERROR,
	    "no progress; the worker ends, and others do again what was in work",
	    log_str("stuck", is_still ? "the loop" : "what is in work"),
	    log_int("for_ms", is_still ? watch->still_ms : watch->stuck_ms));
	_exit(watchdog->exit_status);
}

// False when it shall stop.
static bool wait_tick(struct watchdog *watchdog) {
	bool stopping;

	monitor_lock(&watchdog->monitor);
	stopping = monitor_wait_for(&watchdog->monitor, &watchdog->stopping, watchdog->tick_ms);
	monitor_unlock(&watchdog->monitor);
	return !stopping;
}

static void *run(void *ctx) {
	struct watchdog *watchdog = ctx;

	while (wait_tick(watchdog)) {
		enum watch_verdict verdict = watch_tick(
			&watchdog->watch,
			&watchdog->limits,
			atomic_load(&watchdog->steps),
			atomic_load(&watchdog->ends),
			watchdog->tick_ms
		);

		if (verdict != WATCH_FINE)
			end_process(watchdog, verdict);
	}
	return NULL;
}

// --- on the loop thread

static int start_thread(struct watchdog *watchdog) {
	monitor_init(&watchdog->monitor);
	return pthread_create(&watchdog->thread, NULL, run, watchdog) == 0 ? 0 : -EAGAIN;
}

static void free_parts(struct watchdog *watchdog) {
	monitor_fini(&watchdog->monitor);
	free(watchdog);
}

int watchdog_open(
	struct watchdog **out, const struct watch_limits *limits, struct log *log, int exit_status
) {
	struct watchdog *watchdog = calloc(1, sizeof(*watchdog));
	int err;

	if (watchdog == NULL)
		return -ENOMEM;
	watchdog->limits = *limits;
	watchdog->log = log;
	watchdog->exit_status = exit_status;
	watchdog->tick_ms = limits->still_ms / TICKS_IN_LIMIT;
	if (watchdog->tick_ms > TICK_MOST_MS)
		watchdog->tick_ms = TICK_MOST_MS;
	err = start_thread(watchdog);
	if (err < 0) {
		free_parts(watchdog);
		return err;
	}
	*out = watchdog;
	return 0;
}

void watchdog_close(struct watchdog *watchdog) {
	if (watchdog == NULL)
		return;
	monitor_lock(&watchdog->monitor);
	watchdog->stopping = true;
	monitor_signal(&watchdog->monitor);
	monitor_unlock(&watchdog->monitor);
	pthread_join(watchdog->thread, NULL);
	free_parts(watchdog);
}

void watchdog_note(struct watchdog *watchdog, size_t in_work, int64_t ended) {
	atomic_fetch_add(&watchdog->steps, 1);
	if (in_work == 0 || ended != watchdog->ended)
		atomic_fetch_add(&watchdog->ends, 1);
	watchdog->ended = ended;
}
