// SPDX-License-Identifier: MPL-2.0
// publisher: the put side of the queue that Kafka carries.
//
// Design notes
// - Everything happens on the scan thread, delivery reports too, for only it polls the handle. The counts are guarded by a
//   lock because the loop thread shows them; `stop` is its one word to the scan thread.
// - After a failure nothing more of the pass is published: what is under way is purged and the ledger forgotten, so that no
//   cursor passes what was not acknowledged.
#include "producer/publisher.h"

#include "common/clock.h"
#include "common/kafka_lag.h"
#include "common/log.h"
#include "common/range.h"
#include "common/record.h"
#include "common/topics.h"
#include "producer/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	POLL_MS = 100,
	ANSWER_MS = 10 * 1000,
	LAG_ANSWER_MS = 3000,
	LAG_EVERY_MS = 1000,
	PURGE_MS = 5000,
};

struct publisher {
	struct queue_put side; // first
	struct publisher_setup setup;
	struct kafka_opaque opaque;
	rd_kafka_t *handle; // NULL until begin, and after a fatal error
	rd_kafka_t *watcher; // looks at the workers' commits; NULL until needed
	struct pack *pack;
	struct ledger *ledger;
	char topic[TOPIC_NAME_BYTES];
	char group[KAFKA_NAME_BYTES];
	char run[RECORD_NAME_BYTES];
	int64_t range_width;
	int64_t lag_looked_ms; // 0: not in this pass
	int64_t lag_since; // published since that look
	atomic_bool is_stopped;
	int failure; // 0, or why the pass cannot go on
	bool is_fatal; // the handle is of no use any more
	char error[400];
	pthread_mutex_t lock;
	struct publisher_counts counts;
};

static struct publisher *of(struct queue_put *side) {
	return (struct publisher *)side;
}

static int fail(struct publisher *publisher, int err, const char *what, const char *why) {
	if (publisher->failure != 0)
		return publisher->failure;
	publisher->failure = err;
	snprintf(
		publisher->error,
		sizeof(publisher->error),
		"cannot %s topic '%s': %s",
		what,
		publisher->topic,
		why
	);
	return err;
}

static int fail_kafka(struct publisher *publisher, const char *what, rd_kafka_resp_err_t err) {
	enum kafka_class class = kafka_classify(err);

	if (class == KAFKA_FATAL || class == KAFKA_FENCED)
		publisher->is_fatal = true;
	switch (class) {
	case KAFKA_MISSING:
		return fail(publisher, -ENOENT, what, "no such topic or partition");
	case KAFKA_DENIED:
		return fail(publisher, -EACCES, what, rd_kafka_err2str(err));
	default:
		return fail(publisher, -EIO, what, rd_kafka_err2str(err));
	}
}

static void take_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *pointer) {
	const struct kafka_opaque *opaque = pointer;
	struct publisher *publisher = opaque->owner;

	(void)handle;
	ledger_acked(publisher->ledger, message->_private);
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		fail_kafka(publisher, "write to", message->err);
		return;
	}
	pthread_mutex_lock(&publisher->lock);
	publisher->counts.acknowledged++;
	pthread_mutex_unlock(&publisher->lock);
}

static void take_error(rd_kafka_t *handle, int err, const char *text, void *pointer) {
	const struct kafka_opaque *opaque = pointer;
	struct publisher *publisher = opaque->owner;

	(void)handle;
	LOG(opaque->log,
	    LOG_LEVEL_WARNING,
	    "trouble with the brokers",
	    log_str("error", rd_kafka_err2name((rd_kafka_resp_err_t)err)),
	    log_str("text", text));
	if (err == RD_KAFKA_RESP_ERR__FATAL)
		fail_kafka(publisher, "write to", RD_KAFKA_RESP_ERR__FATAL);
}

// --- the handle

static int
make_conf(struct publisher *publisher, rd_kafka_conf_t **out, char *error, size_t bytes) {
	int err = kafka_conf_new(
		out, publisher->setup.kafka, KAFKA_PRODUCER, &publisher->opaque, NULL, error, bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set_dr_msg_cb(*out, take_report);
	rd_kafka_conf_set_error_cb(*out, take_error);
	return 0;
}

static int open_handle(struct publisher *publisher) {
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (publisher->handle != NULL)
		return 0;
	err = make_conf(publisher, &conf, publisher->error, sizeof(publisher->error));
	if (err < 0)
		return err;
	publisher->handle =
		rd_kafka_new(RD_KAFKA_PRODUCER, conf, publisher->error, sizeof(publisher->error));
	if (publisher->handle != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

static void close_handle(struct publisher *publisher) {
	if (publisher->handle != NULL)
		rd_kafka_destroy(publisher->handle);
	publisher->handle = NULL;
}

// Takes back what is under way, so that no report comes for a page that is forgotten.
static void forget(struct publisher *publisher) {
	int64_t deadline_ms = clock_mono_ms() + PURGE_MS;

	if (publisher->handle != NULL && ledger_unacked(publisher->ledger) > 0) {
		rd_kafka_purge(
			publisher->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT
		);
		while (ledger_unacked(publisher->ledger) > 0 && clock_mono_ms() < deadline_ms)
			rd_kafka_poll(publisher->handle, POLL_MS);
	}
	if (publisher->is_fatal || ledger_unacked(publisher->ledger) > 0)
		close_handle(publisher);
	publisher->is_fatal = false;
	ledger_reset(publisher->ledger);
}

// --- lag

static void set_lag(struct publisher *publisher, int64_t lag, bool is_waiting) {
	bool was_waiting;

	pthread_mutex_lock(&publisher->lock);
	was_waiting = publisher->counts.is_waiting;
	publisher->counts.lag = lag;
	publisher->counts.is_waiting = is_waiting;
	pthread_mutex_unlock(&publisher->lock);
	if (is_waiting && !was_waiting)
		LOG(publisher->setup.log,
		    LOG_LEVEL_INFO,
		    lag < 0 ? "waiting: how far the workers are is unknown"
			    : "waiting: the workers are too far behind",
		    log_int("lag", lag),
		    log_int("max_queue_lag", publisher->setup.lag_max));
	else if (was_waiting && !is_waiting)
		LOG(publisher->setup.log,
		    LOG_LEVEL_INFO,
		    "going on: the workers have caught up",
		    log_int("lag", lag));
}

static int open_watcher(struct publisher *publisher) {
	rd_kafka_conf_t *conf = NULL;
	char error[256];
	int err;

	if (publisher->watcher != NULL)
		return 0;
	err = kafka_conf_new(
		&conf,
		publisher->setup.kafka,
		KAFKA_CONSUMER,
		&publisher->opaque,
		publisher->group,
		error,
		sizeof(error)
	);
	if (err < 0)
		return err;
	publisher->watcher = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	if (publisher->watcher != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EAGAIN;
}

static int look_at_lag(struct publisher *publisher, int64_t *lag) {
	int err;

	publisher->lag_looked_ms = clock_mono_ms();
	publisher->lag_since = 0;
	*lag = -1;
	err = open_watcher(publisher);
	if (err < 0)
		return err;
	return kafka_lag(
		publisher->watcher,
		publisher->topic,
		publisher->counts.partitions,
		LAG_ANSWER_MS,
		lag
	);
}

static bool is_lag_known_low(const struct publisher *publisher) {
	return publisher->lag_looked_ms != 0 &&
		clock_mono_ms() - publisher->lag_looked_ms < LAG_EVERY_MS &&
		publisher->counts.lag >= 0 &&
		publisher->counts.lag + publisher->lag_since < publisher->setup.lag_max;
}

static int wait_for_workers(struct publisher *publisher) {
	int64_t lag = -1;

	if (publisher->setup.lag_max == 0 || publisher->setup.dryrun || is_lag_known_low(publisher))
		return 0;
	for (;;) {
		int err = look_at_lag(publisher, &lag);

		if (publisher->failure != 0)
			return publisher->failure;
		set_lag(publisher, err < 0 ? -1 : lag, err < 0 || lag >= publisher->setup.lag_max);
		if (err == 0 && lag < publisher->setup.lag_max)
			return 0;
		for (int i = 0; i < LAG_EVERY_MS / POLL_MS; i++) {
			if (atomic_load(&publisher->is_stopped))
				return -ECANCELED;
			rd_kafka_poll(publisher->handle, POLL_MS);
		}
	}
}

// --- put

static void count(struct publisher *publisher, int32_t partition) {
	pthread_mutex_lock(&publisher->lock);
	publisher->counts.published++;
	if (partition < PUBLISHER_PARTITIONS_SHOWN)
		publisher->counts.per_partition[partition]++;
	pthread_mutex_unlock(&publisher->lock);
	publisher->lag_since++;
}

// Serves reports until there is room. 0, -ECANCELED, or the failure.
static int wait_for_room(struct publisher *publisher, size_t unacked_max) {
	rd_kafka_poll(publisher->handle, 0);
	while (publisher->failure == 0 && ledger_unacked(publisher->ledger) > unacked_max) {
		if (atomic_load(&publisher->is_stopped))
			return -ECANCELED;
		rd_kafka_poll(publisher->handle, POLL_MS);
	}
	return publisher->failure;
}

struct message {
	int64_t range;
	int32_t partition;
	const unsigned char *data;
	size_t len;
};

static rd_kafka_resp_err_t
hand_over(struct publisher *publisher, const struct message *message, struct ledger_page *page) {
	char key[32];
	int key_len = snprintf(key, sizeof(key), "%" PRId64, message->range);

	return rd_kafka_producev(
		publisher->handle,
		RD_KAFKA_V_TOPIC(publisher->topic),
		RD_KAFKA_V_PARTITION(message->partition),
		RD_KAFKA_V_KEY(key, (size_t)key_len),
		RD_KAFKA_V_VALUE((void *)message->data, message->len),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_OPAQUE(page),
		RD_KAFKA_V_END
	);
}

static int publish(struct publisher *publisher, const struct message *message) {
	struct ledger_page *page = ledger_page(publisher->ledger);
	rd_kafka_resp_err_t err;

	if (page == NULL)
		return fail(publisher, -ENOMEM, "write to", "out of memory");
	while ((err = hand_over(publisher, message, page)) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
		if (atomic_load(&publisher->is_stopped))
			return -ECANCELED;
		rd_kafka_poll(publisher->handle, POLL_MS);
	}
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_kafka(publisher, "write to", err);
	ledger_sent(publisher->ledger, page);
	return 0;
}

static int put_one(struct publisher *publisher, const struct candidate *candidate) {
	struct message message = {.range = range_of(candidate->key, publisher->range_width)};
	int err;

	if (atomic_load(&publisher->is_stopped))
		return -ECANCELED;
	message.partition = range_partition(message.range, publisher->counts.partitions);
	err = record_encode(
		publisher->pack,
		publisher->setup.target,
		publisher->run,
		candidate,
		&message.data,
		&message.len
	);
	if (err < 0)
		return fail(publisher, err, "encode a candidate for", strerror(-err));
	if (!publisher->setup.dryrun) {
		err = wait_for_room(publisher, (size_t)publisher->setup.unacked_max - 1);
		if (err == 0)
			err = publish(publisher, &message);
	}
	if (err == 0)
		count(publisher, message.partition);
	return err;
}

static int put_list(struct queue_put *side, struct candidate *list) {
	struct publisher *publisher = of(side);
	int err = publisher->failure;

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

static int drain(struct queue_put *side, struct settled *settled) {
	struct publisher *publisher = of(side);

	*settled = (struct settled){.removed = -1, .removed_also = -1};
	if (publisher->handle == NULL || publisher->setup.dryrun)
		return publisher->failure;
	return wait_for_room(publisher, 0);
}

// --- the rest of the queue

static void stop(struct queue_put *side) {
	atomic_store(&of(side)->is_stopped, true);
}

static void restart(struct queue_put *side) {
	atomic_store(&of(side)->is_stopped, false);
}

void publisher_free(struct publisher *publisher) {
	if (publisher == NULL)
		return;
	forget(publisher);
	close_handle(publisher);
	if (publisher->watcher != NULL)
		rd_kafka_destroy(publisher->watcher);
	ledger_free(publisher->ledger);
	pack_free(publisher->pack);
	pthread_mutex_destroy(&publisher->lock);
	free(publisher);
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

static int check(struct publisher *publisher, char *error, size_t error_bytes) {
	const struct kafka_options *kafka = publisher->setup.kafka;
	rd_kafka_conf_t *conf = NULL;
	int err = make_conf(publisher, &conf, error, error_bytes);

	if (err < 0)
		return err;
	rd_kafka_conf_destroy(conf);
	err = topic_name(
		TOPIC_CANDIDATES,
		kafka->topic_prefix,
		publisher->setup.target,
		publisher->topic,
		sizeof(publisher->topic)
	);
	if (err < 0)
		snprintf(
			error,
			error_bytes,
			"--topic-prefix '%s' does not make a topic's name",
			kafka->topic_prefix
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
	publisher->opaque = (struct kafka_opaque){.log = setup->log, .owner = publisher};
	publisher->counts.lag = -1;
	pthread_mutex_init(&publisher->lock, NULL);
	kafka_group_name(setup->kafka, setup->target, publisher->group, sizeof(publisher->group));
	publisher->pack = pack_new();
	publisher->ledger = ledger_new();
	err = publisher->pack == NULL || publisher->ledger == NULL
		? -ENOMEM
		: check(publisher, error, error_bytes);
	if (err < 0) {
		ledger_free(publisher->ledger);
		pack_free(publisher->pack);
		pthread_mutex_destroy(&publisher->lock);
		free(publisher);
		return err;
	}
	*out = publisher;
	return 0;
}

int publisher_begin(struct publisher *publisher, const char *run, int64_t range_width) {
	int32_t partitions = 0;
	int err;

	forget(publisher);
	publisher->failure = 0;
	publisher->lag_looked_ms = 0;
	publisher->range_width = range_width;
	snprintf(publisher->run, sizeof(publisher->run), "%s", run);
	err = open_handle(publisher);
	if (err < 0)
		return err;
	err = kafka_partition_count(publisher->handle, publisher->topic, ANSWER_MS, &partitions);
	if (err < 0)
		return fail(
			publisher,
			err,
			"write to",
			err == -ENOENT           ? "it does not exist; make it with topics create"
				: err == -EACCES ? "no permission"
						 : "the brokers do not answer"
		);
	pthread_mutex_lock(&publisher->lock);
	publisher->counts = (struct publisher_counts){.lag = -1, .partitions = partitions};
	pthread_mutex_unlock(&publisher->lock);
	return 0;
}

int publisher_seal(struct publisher *publisher, const char *cursor) {
	return ledger_seal(publisher->ledger, cursor);
}

const char *publisher_cursor(const struct publisher *publisher) {
	return publisher->failure != 0 ? "" : ledger_cursor(publisher->ledger);
}

const char *publisher_error(const struct publisher *publisher) {
	return publisher->error;
}

void publisher_count(struct publisher *publisher, struct publisher_counts *out) {
	pthread_mutex_lock(&publisher->lock);
	*out = publisher->counts;
	pthread_mutex_unlock(&publisher->lock);
}
