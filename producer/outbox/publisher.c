// SPDX-License-Identifier: MPL-2.0
// publisher: the put side of the queue that Kafka carries.
//
// Design notes
// - Everything happens on the scan thread. The gauge is guarded by a lock because the loop thread
//   shows it; stop and restart are its only words to the scan thread.
#include "producer/outbox/publisher.h"

#include "common/base/clock.h"
#include "common/candidate.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/range.h"
#include "common/kafka/record.h"
#include "common/kafka/topics/topics.h"
#include "common/pack/pack.h"
#include "producer/outbox/delivery.h"
#include "producer/outbox/gauge.h"
#include "producer/outbox/lag_news.h"
#include "producer/outbox/lag_watch.h"
#include "producer/outbox/stage_wait.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100, LAG_EVERY_MS = 1000 };

struct publisher {
	struct queue_put side; // first
	struct publisher_setup setup;
	struct delivery *delivery;
	struct lag_watch lag;
	struct pack *pack;
	char topic[TOPIC_NAME_BYTES];
	char run[RECORD_NAME_BYTES];
	int64_t range_width;
	int (*on_wait)(void *ctx); // may be NULL
	void *on_wait_ctx;
	struct lag_news news;
	struct stage_wait stage;
	// Something was published that no stage has ended with.
	bool is_amid_stage;
	atomic_bool is_stopped;
	struct gauge gauge;
	int32_t partitions; // of the topic
};

static struct publisher *of(struct queue_put *side) {
	return (struct publisher *)side;
}

// Serves reports for a while. 0, -ECANCELED, or the failure.
static int wait_a_little(struct publisher *publisher) {
	if (atomic_load(&publisher->is_stopped))
		return -ECANCELED;
	return delivery_serve(publisher->delivery, POLL_MS);
}

// --- lag

static void set_lag(struct publisher *publisher, bool is_waiting) {
	const struct lag_watch *watch = &publisher->lag;
	bool was_waiting = gauge_set_waiting(&publisher->gauge, is_waiting);

	gauge_set_lag(&publisher->gauge, watch->lag);
	lag_news_tell(&publisher->news, watch, is_waiting, was_waiting, clock_mono_ms());
}

static int64_t unacked(const struct publisher *publisher) {
	return (int64_t)delivery_unacked(publisher->delivery);
}

void publisher_look(struct publisher *publisher) {
	if (publisher->setup.dryrun)
		return;
	publisher->lag.lag = -1;
	if (delivery_failure(publisher->delivery) == 0)
		lag_watch_look(&publisher->lag, publisher->partitions, unacked(publisher));
	gauge_set_lag(&publisher->gauge, publisher->lag.lag);
}

// Until the next look at the lag: for a second, or until all that was on its way is there.
static int wait_for_a_look(struct publisher *publisher) {
	bool is_on_way = unacked(publisher) > 0;
	int err = 0;

	for (int i = 0; i < LAG_EVERY_MS / POLL_MS && err == 0; i++) {
		err = wait_a_little(publisher);
		if (is_on_way && unacked(publisher) == 0)
			return err;
	}
	if (err == 0 && publisher->on_wait != NULL)
		err = publisher->on_wait(publisher->on_wait_ctx);
	return err;
}

static int wait_for_workers(struct publisher *publisher) {
	struct lag_watch *watch = &publisher->lag;
	int64_t most = publisher->setup.lag_max;

	if (most == 0 || publisher->setup.dryrun ||
	    (lag_watch_is_fresh(watch) && lag_watch_is_below(watch, most)))
		return 0;
	for (;;) {
		int err;

		lag_watch_look(watch, publisher->partitions, unacked(publisher));
		err = delivery_judge(publisher->delivery, kafka_errno(watch->unknown), watch->why);
		if (err < 0)
			return err;
		// What is only on its way says nothing about the workers.
		set_lag(publisher, watch->lag < 0 || watch->lag >= most);
		if (lag_watch_is_below(watch, most))
			return 0;
		err = wait_for_a_look(publisher);
		if (err < 0)
			return err;
	}
}

// --- between stages

static int wait_for_fates(struct publisher *publisher) {
	struct stage_wait *stage = &publisher->stage;
	int err;

	stage_wait_begin(stage);
	while ((err = stage_wait_step(stage)) > 0) {
		gauge_set_lag(&publisher->gauge, stage_wait_lag(stage));
		gauge_set_waiting(&publisher->gauge, true);
		err = wait_for_a_look(publisher);
		if (err < 0)
			break;
	}
	gauge_set_lag(&publisher->gauge, stage_wait_lag(stage));
	return err;
}

static int end_stage(struct publisher *publisher) {
	int err = publisher->is_amid_stage ? wait_for_fates(publisher) : 0;

	gauge_set_waiting(&publisher->gauge, false);
	publisher->is_amid_stage = false;
	return err;
}

// --- put

// Serves reports until there is room. 0, -ECANCELED, or the failure.
static int wait_for_room(struct publisher *publisher, size_t unacked_max) {
	int err = delivery_serve(publisher->delivery, 0);

	while (err == 0 && delivery_unacked(publisher->delivery) > unacked_max)
		err = wait_a_little(publisher);
	return err;
}

static int publish(struct publisher *publisher, const struct delivery_message *message) {
	int err = wait_for_room(publisher, (size_t)publisher->setup.unacked_max - 1);

	if (err == 0)
		err = delivery_send(publisher->delivery, message);
	while (err == -ENOBUFS) {
		err = wait_a_little(publisher);
		if (err == 0)
			err = delivery_send(publisher->delivery, message);
	}
	return err;
}

static int put_one(struct publisher *publisher, const struct candidate *candidate) {
	struct delivery_message message = {
		.range = range_of(candidate->key, publisher->range_width)};
	int err;

	if (atomic_load(&publisher->is_stopped))
		return -ECANCELED;
	message.partition = range_partition(message.range, publisher->partitions);
	err = record_encode(
		publisher->pack,
		publisher->setup.target,
		publisher->run,
		candidate,
		&message.data,
		&message.len
	);
	if (err < 0)
		return delivery_fail(
			publisher->delivery, err, "encode a candidate for", strerror(-err)
		);
	if (!publisher->setup.dryrun)
		err = publish(publisher, &message);
	if (err < 0)
		return err;
	gauge_published(&publisher->gauge, message.partition);
	lag_watch_published(&publisher->lag);
	publisher->is_amid_stage = true;
	return 0;
}

static int put_list(struct queue_put *side, struct candidate *list) {
	struct publisher *publisher = of(side);
	int err = delivery_failure(publisher->delivery);

	if (err == 0 && list != NULL)
		err = wait_for_workers(publisher);
	while (list != NULL) {
		struct candidate *next = list->next;

		if (err == 0)
			err = put_one(publisher, list);
		candidate_free(list);
		list = next;
	}
	return err;
}

static int drain(struct queue_put *side, enum queue_drain until, struct settled *settled) {
	struct publisher *publisher = of(side);
	int err;

	*settled = (struct settled){.removed = -1, .removed_also = -1, .removed_bytes = -1};
	if (publisher->setup.dryrun)
		return delivery_failure(publisher->delivery);
	err = wait_for_room(publisher, 0);
	return err == 0 && until == QUEUE_SETTLED ? end_stage(publisher) : err;
}

// --- the rest of the side

static void stop(struct queue_put *side) {
	atomic_store(&of(side)->is_stopped, true);
}

// Whatever comes of the new pass, it is not what came of the last one.
static void restart(struct queue_put *side) {
	struct publisher *publisher = of(side);

	gauge_clear(&publisher->gauge);
	atomic_store(&publisher->is_stopped, false);
}

static const struct queue_put_ops ops = {
	.put = put_list,
	.drain = drain,
	.stop = stop,
	.restart = restart,
};

struct queue_put *publisher_put_side(struct publisher *publisher) {
	return &publisher->side;
}

// --- its life

static int name_topic(struct publisher *publisher, char *error, size_t error_bytes) {
	const char *prefix = publisher->setup.kafka->topic_prefix;
	int err = topic_name(
		TOPIC_CANDIDATES,
		prefix,
		publisher->setup.target,
		publisher->topic,
		sizeof(publisher->topic)
	);

	if (err < 0)
		snprintf(
			error,
			error_bytes,
			"--topic-prefix '%s' does not make a topic's name",
			prefix
		);
	return err;
}

static int open_parts(struct publisher *publisher, char *error, size_t error_bytes) {
	const struct publisher_setup *setup = &publisher->setup;
	int err = name_topic(publisher, error, error_bytes);

	if (err < 0)
		return err;
	lag_watch_init(
		&publisher->lag,
		setup->kafka,
		setup->target,
		publisher->topic,
		setup->retention_ms,
		setup->log
	);
	publisher->news = (struct lag_news){.log = setup->log, .lag_max = setup->lag_max};
	publisher->pack = pack_new();
	if (publisher->pack == NULL)
		return -ENOMEM;
	err = delivery_new(
		&publisher->delivery, setup->kafka, publisher->topic, setup->log, error, error_bytes
	);
	publisher->stage = (struct stage_wait){
		.topic = publisher->topic,
		.limit_ms = setup->stage_ms,
		.order_is_needed = setup->order_is_needed,
	};
	stage_wait_init(
		&publisher->stage, setup->kafka, setup->target, publisher->delivery, setup->log
	);
	return err;
}

int publisher_new(
	struct publisher **out, const struct publisher_setup *setup, char *error, size_t error_bytes
) {
	struct publisher *publisher = calloc(1, sizeof(*publisher));
	int err;

	if (publisher == NULL)
		return -ENOMEM;
	publisher->side.ops = &ops;
	publisher->setup = *setup;
	gauge_init(&publisher->gauge);
	err = open_parts(publisher, error, error_bytes);
	if (err < 0) {
		publisher_free(publisher);
		return err;
	}
	*out = publisher;
	return 0;
}

void publisher_free(struct publisher *publisher) {
	if (publisher == NULL)
		return;
	delivery_free(publisher->delivery);
	lag_watch_fini(&publisher->lag);
	stage_wait_fini(&publisher->stage);
	pack_free(publisher->pack);
	gauge_fini(&publisher->gauge);
	free(publisher);
}

void publisher_on_wait(struct publisher *publisher, int (*call)(void *ctx), void *ctx) {
	publisher->on_wait = call;
	publisher->on_wait_ctx = ctx;
}

int publisher_begin(struct publisher *publisher, const char *run, int64_t range_width) {
	char command[TOPICS_COMMAND_BYTES];
	int err;

	lag_watch_begin(&publisher->lag);
	publisher->is_amid_stage = false;
	publisher->range_width = range_width;
	snprintf(publisher->run, sizeof(publisher->run), "%s", run);
	lag_news_begin(&publisher->news);
	topics_command(
		publisher->setup.kafka->topic_prefix,
		publisher->setup.target,
		command,
		sizeof(command)
	);
	err = delivery_begin(publisher->delivery, command, &publisher->partitions);
	if (err < 0)
		return err;
	if (gauge_begin(&publisher->gauge, publisher->partitions) < 0)
		return delivery_fail(publisher->delivery, -ENOMEM, "write to", "out of memory");
	return 0;
}

int publisher_seal(struct publisher *publisher, const char *cursor) {
	return delivery_seal(publisher->delivery, cursor);
}

const char *publisher_cursor(const struct publisher *publisher) {
	return delivery_cursor(publisher->delivery);
}

bool publisher_was_lost(struct publisher *publisher) {
	return delivery_was_lost(publisher->delivery);
}

const char *publisher_error(const struct publisher *publisher) {
	return delivery_error(publisher->delivery);
}

void publisher_count(struct publisher *publisher, struct publisher_counts *out) {
	gauge_read(&publisher->gauge, out);
	if (out->partitions > 0) // this pass has begun to publish
		out->acknowledged = delivery_acknowledged(publisher->delivery);
}

int64_t publisher_published_into(struct publisher *publisher, int32_t partition) {
	return gauge_published_into(&publisher->gauge, partition);
}
