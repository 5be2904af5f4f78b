// SPDX-License-Identifier: MPL-2.0
// limits_news: writes into the state topic which limits a worker holds to, for `status`.
//
// Design notes
// - Nobody obeys that record, so nothing depends on it: a worker whose brokers are away, or that
//   may not Write there, works all the same.
// - It is read before it is written. A fleet that starts again with the same limits writes once.
#include "cli/limits_news.h"

#include "cli/front/front.h"
#include "cli/options/work_options.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/monitor.h"
#include "common/base/thread.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/limits.h"
#include "common/pack/pack.h"
#include "common/target/target.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	ANSWER_MS = 5 * 1000,
	AGAIN_MS = 1000,
	PATIENCE_MS = 60 * 1000, // with brokers that do not answer
	CLOSE_MS = 2 * 1000,
	HOST_BYTES = 65,
};

struct limits_news {
	const struct front *front;
	const struct work_options *options;
	// What was to be told last. The loop's.
	struct limits last;
	pthread_t thread;
	bool has_thread; // the loop's: to be joined
	struct monitor monitor; // guards what follows
	struct limits wanted;
	bool is_due; // and nobody has taken it
	bool is_running;
	// What was told last was not written down.
	bool has_failed;
	bool quits;
};

// --- on its thread

// False: there is nothing more to tell. The thread ends then.
static bool take(struct limits_news *news, struct limits *out) {
	bool is_due;

	monitor_lock(&news->monitor);
	is_due = news->is_due;
	*out = news->wanted;
	news->is_due = false;
	news->is_running = is_due;
	monitor_broadcast(&news->monitor);
	monitor_unlock(&news->monitor);
	return is_due;
}

// False: there is something else to do than to try again.
static bool wait_a_while(struct limits_news *news) {
	struct timespec until = clock_mono_after(AGAIN_MS);
	bool goes_on;

	monitor_lock(&news->monitor);
	while (!news->quits && !news->is_due && monitor_wait_until(&news->monitor, &until))
		;
	goes_on = !news->quits && !news->is_due;
	monitor_unlock(&news->monitor);
	return goes_on;
}

static int read_known(struct kafka_state *state, struct limits *out) {
	struct buf value;
	int err;

	buf_init(&value, 0);
	err = kafka_state_get(state, LIMITS_KEY, ANSWER_MS, &value);
	if (err == 0)
		err = limits_unpack(out, value.data, value.len);
	else if (err == -ENOENT)
		err = limits_unpack(out, NULL, 0);
	buf_fini(&value);
	return err;
}

static int write_down(struct kafka_state *state, const struct limits *limits) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	size_t len = 0;
	int err = pack == NULL ? -ENOMEM : limits_pack(limits, pack, &data, &len);

	if (err == 0)
		err = kafka_state_put(state, LIMITS_KEY, data, len, ANSWER_MS);
	pack_free(pack);
	return err;
}

static int try_to_tell(struct kafka_state *state, const struct limits *limits) {
	struct limits known;
	int err = read_known(state, &known);

	return err < 0 || limits_are_same(limits, &known) ? err : write_down(state, limits);
}

static bool read_flag(struct limits_news *news, const bool *flag) {
	bool is_set;

	monitor_lock(&news->monitor);
	is_set = *flag;
	monitor_unlock(&news->monitor);
	return is_set;
}

static void note_end(struct limits_news *news, int err) {
	monitor_lock(&news->monitor);
	news->has_failed = err < 0;
	monitor_unlock(&news->monitor);
}

// Rights are least where that of this record is missing, so it is no fault.
static void tell_failure(const struct limits_news *news, int err, const char *error) {
	LOG(news->front->log,
	    err == -EACCES ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    "the limits of the fleet could not be written down; status does not show them",
	    log_str("error", error));
}

static void tell(struct limits_news *news, const struct limits *limits) {
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
	struct kafka_state *state = NULL;
	char error[512] = "out of memory";
	bool is_over = false;
	int err = kafka_state_open(
		&state,
		&news->options->kafka,
		news->front->target->name,
		news->front->log,
		error,
		sizeof(error)
	);

	while (err == 0 && !is_over) {
		err = try_to_tell(state, limits);
		is_over = err != -EAGAIN || clock_mono_ms() > until_ms || !wait_a_while(news);
		err = is_over ? err : 0;
	}
	note_end(news, err);
	// Else there are others by now.
	if (err < 0 && !read_flag(news, &news->is_due))
		tell_failure(
			news,
			err,
			state == NULL || err == -ENOMEM ? error : kafka_state_error(state)
		);
	kafka_state_close(state);
}

static void *run(void *ctx) {
	struct limits_news *news = ctx;
	struct limits limits;

	while (take(news, &limits))
		tell(news, &limits);
	return NULL;
}

// --- on the loop thread

struct limits_news *limits_news_new(const struct front *front, const struct work_options *options) {
	struct limits_news *news;

	if (options->own.replay != NULL)
		return NULL;
	news = calloc(1, sizeof(*news));
	if (news == NULL)
		return NULL;
	news->front = front;
	news->options = options;
	monitor_init(&news->monitor);
	return news;
}

static void say_who(const struct limits_news *news, struct limits *out) {
	const char *id = news->options->own.instance_id;
	char host[HOST_BYTES] = "";

	gethostname(host, sizeof(host) - 1);
	if (id == NULL)
		snprintf(out->who, sizeof(out->who), "%s", host);
	else
		snprintf(out->who, sizeof(out->who), "%s (%.300s)", host, id);
}

// False: the thread that runs takes it.
static bool put(struct limits_news *news, const struct limits *limits) {
	bool was_running;

	monitor_lock(&news->monitor);
	was_running = news->is_running;
	news->wanted = *limits;
	news->is_due = true;
	news->is_running = true;
	monitor_broadcast(&news->monitor);
	monitor_unlock(&news->monitor);
	return !was_running;
}

static void start(struct limits_news *news) {
	int err;

	// It has ended, or is about to.
	if (news->has_thread)
		pthread_join(news->thread, NULL);
	err = thread_start_deaf(&news->thread, run, news);
	news->has_thread = err == 0;
	if (err == 0)
		return;
	monitor_lock(&news->monitor);
	news->is_due = false;
	news->is_running = false;
	news->has_failed = true;
	monitor_unlock(&news->monitor);
	tell_failure(news, err, "cannot start a thread");
}

void limits_news_tell(struct limits_news *news) {
	struct limits limits = {.is_told = true};

	if (news == NULL)
		return;
	limits.max_rate = limits_of_rate(news->options->run.max_rate);
	limits.node_rate = limits_of_rate(news->options->run.node_rate);
	limits.node_inflight = news->options->run.node_inflight;
	limits.told_ms = clock_wall_ms();
	if (limits_are_same(&limits, &news->last) && !read_flag(news, &news->has_failed))
		return;
	news->last = limits;
	say_who(news, &limits);
	if (put(news, &limits))
		start(news);
}

int limits_news_close(struct limits_news *news) {
	struct timespec until = clock_mono_after(CLOSE_MS);
	bool is_running;

	if (news == NULL)
		return 0;
	monitor_lock(&news->monitor);
	news->quits = true;
	monitor_broadcast(&news->monitor);
	while (news->is_running && monitor_wait_until(&news->monitor, &until))
		;
	is_running = news->is_running;
	monitor_unlock(&news->monitor);
	if (is_running)
		return -EBUSY;
	if (news->has_thread)
		pthread_join(news->thread, NULL);
	monitor_fini(&news->monitor);
	free(news);
	return 0;
}
