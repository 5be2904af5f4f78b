// SPDX-License-Identifier: MPL-2.0
// letter_watch: counts the dead letters now and then.
#include "cli/dead/letter_watch.h"

#include "cli/dead/letter_census.h"
#include "cli/front/front.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/monitor.h"
#include "common/base/thread.h"
#include "common/base/words.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { CLOSE_MS = 1000, TELL_EVERY_MS = 60 * 60 * 1000, WORDS_BYTES = 1200 };

struct letter_watch {
	// The scan reads its config too; nobody writes there any more.
	const struct front *front;
	const struct kafka_options *kafka;
	int64_t every_ms;
	pthread_t thread;
	struct monitor monitor; // guards what follows
	bool closes;
	bool has_ended;
	bool is_news;
	struct letter_news news;
};

static struct letter_news news_of(const struct letter_census *census) {
	int64_t oldest_ms = census->counts.oldest_ms;

	return (struct letter_news){
		.open = census->open,
		.solved = census->solved,
		.unknown = census->unknown,
		.oldest_ms = oldest_ms > 0 ? oldest_ms : -1,
		.counted_ms = clock_wall_ms(),
	};
}

static void tell(const struct letter_watch *watch, const char *message, const char *why) {
	if (log_is_due(watch->front->log, message, TELL_EVERY_MS))
		LOG(watch->front->log, LOG_LEVEL_WARNING, message, log_str("error", why));
}

static void count(struct letter_watch *watch) {
	struct letter_census census = {.rows_unknown = ""};
	char why[WORDS_BYTES] = "";
	struct words words = {.bytes = sizeof(why)};
	int err;

	words.text = why;
	err = letter_census_take(&census, watch->front, watch->kafka, &words);
	if (err < 0) {
		tell(watch, "the dead letters cannot be counted", why);
	} else {
		if (census.rows_unknown[0] != '\0')
			tell(watch,
			     "it is not known which dead letters are solved",
			     census.rows_unknown);
		monitor_lock(&watch->monitor);
		watch->news = news_of(&census);
		watch->is_news = true;
		monitor_unlock(&watch->monitor);
	}
	letter_census_fini(&census);
}

// False: it is to end.
static bool rest(struct letter_watch *watch, int64_t pause_ms) {
	bool closes;

	monitor_lock(&watch->monitor);
	closes = monitor_wait_for(&watch->monitor, &watch->closes, pause_ms);
	monitor_unlock(&watch->monitor);
	return !closes;
}

static void *run(void *ctx) {
	struct letter_watch *watch = ctx;
	int64_t began_ms, took_ms;

	do {
		began_ms = clock_mono_ms();
		count(watch);
		took_ms = clock_mono_ms() - began_ms;
	} while (rest(watch, letter_census_rest_ms(took_ms, watch->every_ms)));
	monitor_lock(&watch->monitor);
	watch->has_ended = true;
	monitor_broadcast(&watch->monitor);
	monitor_unlock(&watch->monitor);
	return NULL;
}

int letter_watch_open(
	struct letter_watch **out,
	const struct front *front,
	const struct kafka_options *kafka,
	int64_t every_ms
) {
	struct letter_watch *watch = calloc(1, sizeof(*watch));
	int err;

	if (watch == NULL)
		return -ENOMEM;
	watch->front = front;
	watch->kafka = kafka;
	watch->every_ms = every_ms;
	monitor_init(&watch->monitor);
	err = thread_start_deaf(&watch->thread, run, watch);
	if (err < 0) {
		monitor_fini(&watch->monitor);
		free(watch);
		return err;
	}
	*out = watch;
	return 0;
}

int letter_watch_close(struct letter_watch *watch) {
	bool has_ended;

	if (watch == NULL)
		return 0;
	monitor_lock(&watch->monitor);
	watch->closes = true;
	monitor_broadcast(&watch->monitor);
	has_ended = monitor_wait_for(&watch->monitor, &watch->has_ended, CLOSE_MS);
	monitor_unlock(&watch->monitor);
	if (!has_ended)
		return -EBUSY;
	pthread_join(watch->thread, NULL);
	monitor_fini(&watch->monitor);
	free(watch);
	return 0;
}

bool letter_watch_look(struct letter_watch *watch, struct letter_news *out) {
	bool is_news;

	if (watch == NULL)
		return false;
	monitor_lock(&watch->monitor);
	is_news = watch->is_news;
	watch->is_news = false;
	*out = watch->news;
	monitor_unlock(&watch->monitor);
	return is_news;
}
