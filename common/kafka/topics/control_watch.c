// SPDX-License-Identifier: MPL-2.0
// control_watch: follows, on a thread of its own, whether an operator has paused a target.
//
// Design notes. A reader that fails is closed and another one begins anew, from the beginning of
// the topic: so a topic that was made again is read whole.
#include "common/kafka/topics/control_watch.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/monitor.h"
#include "common/base/thread.h"
#include "common/base/wake.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_reader.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/topics.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	GREET_MS = 5000,
	// In pieces, so that an end is heard of.
	GREET_PIECE_MS = 200,
	// So long no record may come until the end.
	QUIET_MS = 5000,
	STEP_MS = 100,
	AGAIN_MS = 1000,
	TELL_MS = 60 * 1000,
};

struct control_watch {
	const struct kafka_options *kafka;
	struct log *log;
	char topic[TOPIC_NAME_BYTES];
	char missing[TOPICS_COMMAND_BYTES + 64]; // what is said when it is
	int fd;
	pthread_t thread;
	bool has_thread;
	bool is_told; // of trouble. Of the thread
	struct monitor monitor; // guards what follows
	struct control_view view; // written by the thread alone
	int failure; // of the last try
	char error[KAFKA_RIGHT_BYTES]; // its words
	bool quits;
};

// --- on its thread

static bool quits(struct control_watch *watch) {
	bool quits;

	monitor_lock(&watch->monitor);
	quits = watch->quits;
	monitor_unlock(&watch->monitor);
	return quits;
}

static void pause_a_while(struct control_watch *watch) {
	monitor_lock(&watch->monitor);
	(void)monitor_wait_for(&watch->monitor, &watch->quits, AGAIN_MS);
	monitor_unlock(&watch->monitor);
}

static int see(void *ctx, const rd_kafka_message_t *message) {
	struct control_watch *watch = ctx;
	int news;

	if (quits(watch))
		return -ECANCELED;
	if (!kafka_state_has_key(message, CONTROL_KEY))
		return 0;
	monitor_lock(&watch->monitor);
	news = control_view_see(&watch->view, message->payload, message->len);
	monitor_unlock(&watch->monitor);
	if (news > 0)
		wake_ring(watch->fd);
	return news < 0 ? news : 0;
}

// 0, -EACCES, -EAGAIN; -ECANCELED: it quits.
static int greet(struct control_watch *watch, struct kafka_reader *reader) {
	int64_t deadline_ms = clock_mono_ms() + GREET_MS;
	int err = -EAGAIN;

	while (err == -EAGAIN && clock_mono_ms() < deadline_ms)
		err = quits(watch) ? -ECANCELED
				   : kafka_greet(kafka_reader_handle(reader), GREET_PIECE_MS);
	return err;
}

static void begin_view(struct control_watch *watch) {
	monitor_lock(&watch->monitor);
	control_view_begin(&watch->view);
	monitor_unlock(&watch->monitor);
}

static void end_view(struct control_watch *watch) {
	bool is_news;

	monitor_lock(&watch->monitor);
	is_news = control_view_end(&watch->view);
	monitor_signal(&watch->monitor);
	monitor_unlock(&watch->monitor);
	if (is_news)
		wake_ring(watch->fd);
	if (watch->is_told)
		LOG(watch->log, LOG_LEVEL_INFO, "it is known again whether there is a pause");
	watch->is_told = false;
}

// Before it is known, whoever waits for it tells.
static void fail(struct control_watch *watch, int err, const char *error) {
	bool is_known;

	monitor_lock(&watch->monitor);
	is_known = watch->view.is_known;
	watch->failure = err;
	snprintf(watch->error, sizeof(watch->error), "%s", error);
	monitor_signal(&watch->monitor);
	monitor_unlock(&watch->monitor);
	if (!is_known || !log_is_due(watch->log, "whether there is a pause", TELL_MS))
		return;
	watch->is_told = true;
	LOG(watch->log,
	    LOG_LEVEL_WARNING,
	    "it cannot be seen whether there is a pause; what was known last holds",
	    log_str("topic", watch->topic),
	    log_str("error", error));
}

static void fail_unread(struct control_watch *watch, struct kafka_reader *reader, int err) {
	fail(watch, err, err == -ENOENT ? watch->missing : kafka_reader_error(reader));
}

// Until it fails or quits. One that fails later on tells nothing: whoever reads it anew knows more.
static void follow(struct control_watch *watch, struct kafka_reader *reader) {
	const struct kafka_reading reading = {
		.quiet_ms = QUIET_MS, .timeout_ms = INT64_MAX, .show = see, .ctx = watch};
	int err = greet(watch, reader);

	if (err == -EAGAIN || err == -EACCES)
		fail(watch, err, kafka_trouble(kafka_reader_handle(reader)));
	if (err < 0)
		return;
	begin_view(watch);
	err = kafka_reader_read(reader, &reading);
	if (err == 0)
		end_view(watch);
	else if (err != -ECANCELED)
		fail_unread(watch, reader, err);
	while (err == 0 && !quits(watch))
		err = kafka_reader_follow(reader, &reading, STEP_MS);
}

static void *run(void *ctx) {
	struct control_watch *watch = ctx;
	const struct kafka_reader_setup setup = {
		.kafka = watch->kafka,
		.topic = watch->topic,
		.log = watch->log,
		.manner = KAFKA_READ_TO_FOLLOW,
	};

	while (!quits(watch)) {
		struct kafka_reader *reader = NULL;
		char error[512] = "out of memory";
		int err = kafka_reader_open(&reader, &setup, error, sizeof(error));

		if (err == 0)
			follow(watch, reader);
		else
			fail(watch, err, error);
		kafka_reader_close(reader);
		pause_a_while(watch);
	}
	return NULL;
}

// --- on the main thread

static int open_parts(
	struct control_watch *watch, const char *target, char *error, size_t error_bytes
) {
	const char *prefix = watch->kafka->topic_prefix;
	char command[TOPICS_COMMAND_BYTES];
	int err;

	if (topic_name(TOPIC_STATE, prefix, target, watch->topic, sizeof(watch->topic)) < 0) {
		snprintf(
			error,
			error_bytes,
			"--topic-prefix '%s' does not make a topic's name",
			prefix
		);
		return -EINVAL;
	}
	topics_command(prefix, target, command, sizeof(command));
	snprintf(watch->missing, sizeof(watch->missing), TOPIC_MISSING ": %s", command);
	watch->fd = wake_open();
	if (watch->fd < 0)
		return watch->fd;
	err = thread_start_deaf(&watch->thread, run, watch);
	watch->has_thread = err == 0;
	return err;
}

int control_watch_open(
	struct control_watch **out,
	const struct kafka_options *kafka,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct control_watch *watch = calloc(1, sizeof(*watch));
	int err;

	if (watch == NULL)
		return -ENOMEM;
	watch->kafka = kafka;
	watch->log = log;
	watch->fd = -1;
	monitor_init(&watch->monitor);
	err = open_parts(watch, target, error, error_bytes);
	if (err < 0) {
		control_watch_close(watch);
		return err;
	}
	*out = watch;
	return 0;
}

void control_watch_close(struct control_watch *watch) {
	if (watch == NULL)
		return;
	if (watch->has_thread) {
		monitor_lock(&watch->monitor);
		watch->quits = true;
		monitor_signal(&watch->monitor);
		monitor_unlock(&watch->monitor);
		pthread_join(watch->thread, NULL);
	}
	if (watch->fd >= 0)
		close(watch->fd);
	monitor_fini(&watch->monitor);
	free(watch);
}

int control_watch_fd(const struct control_watch *watch) {
	return watch->fd;
}

// Time mends nothing that an operator has to.
static bool may_wait(const struct control_watch *watch) {
	return !watch->view.is_known && (watch->failure == 0 || watch->failure == -EAGAIN);
}

int control_watch_wait(
	struct control_watch *watch, int64_t timeout_ms, char *error, size_t error_bytes
) {
	struct timespec until = clock_mono_after(timeout_ms);
	const char *words;
	int err = 0;

	monitor_lock(&watch->monitor);
	while (may_wait(watch) && monitor_wait_until(&watch->monitor, &until))
		;
	if (!watch->view.is_known) {
		err = watch->failure == 0 ? -EAGAIN : watch->failure;
		words = watch->failure == 0 ? "the brokers do not answer" : watch->error;
		snprintf(error, error_bytes, "cannot read topic '%s': %s", watch->topic, words);
	}
	monitor_unlock(&watch->monitor);
	return err;
}

void control_watch_look(struct control_watch *watch, struct control *out) {
	wake_clear(watch->fd);
	monitor_lock(&watch->monitor);
	*out = watch->view.control;
	monitor_unlock(&watch->monitor);
}
