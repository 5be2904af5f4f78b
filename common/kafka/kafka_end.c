// SPDX-License-Identifier: MPL-2.0
// kafka_end: the end of a handle, which may not come.
//
// Design notes. rd_kafka_destroy joins the library's threads. After a topic that a consumer had was
// deleted, the thread of a broker waits for ever (librdkafka 2.0.2), and so would whoever destroys
// the handle: a thread of its own does.
#include "common/kafka/kafka_end.h"

#include "common/base/monitor.h"
#include "common/base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct ending {
	rd_kafka_t *handle;
	int flags;
	struct monitor monitor; // guards what follows
	bool is_over;
	// Nobody waits any more: its thread frees it.
	bool is_left;
};

static void ending_free(struct ending *ending) {
	monitor_fini(&ending->monitor);
	free(ending);
}

static void *destroy(void *ctx) {
	struct ending *ending = ctx;
	bool is_left;

	rd_kafka_destroy_flags(ending->handle, ending->flags);
	monitor_lock(&ending->monitor);
	ending->is_over = true;
	is_left = ending->is_left;
	monitor_signal(&ending->monitor);
	monitor_unlock(&ending->monitor);
	if (is_left)
		ending_free(ending);
	return NULL;
}

static struct ending *ending_new(rd_kafka_t *handle, int flags) {
	struct ending *ending = calloc(1, sizeof(*ending));

	if (ending == NULL)
		return NULL;
	ending->handle = handle;
	ending->flags = flags;
	monitor_init(&ending->monitor);
	return ending;
}

// False: it is left to its thread.
static bool wait_over(struct ending *ending, int64_t timeout_ms) {
	bool is_over;

	monitor_lock(&ending->monitor);
	is_over = monitor_wait_for(&ending->monitor, &ending->is_over, timeout_ms);
	ending->is_left = !is_over;
	monitor_unlock(&ending->monitor);
	return is_over;
}

int kafka_end(rd_kafka_t *handle, int flags, int64_t timeout_ms) {
	struct ending *ending;
	pthread_t thread;

	if (handle == NULL)
		return 0;
	ending = ending_new(handle, flags);
	if (ending == NULL)
		return -EBUSY;
	if (thread_start_deaf(&thread, destroy, ending) < 0) {
		ending_free(ending);
		return -EBUSY;
	}
	if (!wait_over(ending, timeout_ms)) {
		// What it uses is left to it.
		pthread_detach(thread);
		return -EBUSY;
	}
	pthread_join(thread, NULL);
	ending_free(ending);
	return 0;
}
