// SPDX-License-Identifier: MPL-2.0
// source: the take side of the queue that Kafka carries.
#include "worker/intake/source.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/kafka/kafka_end.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WATCH_EVERY_MS = 1000, LEAVE_LOOK_MS = 100, END_MS = 5000 };

const char *source_topic(const struct source_setup *setup, size_t index) {
	return index == 0 ? setup->topic : setup->retries[index - 1].topic;
}

size_t source_topic_index(const struct holding *holding) {
	return holding->claim.is_retry ? 1 + holding->retry : 0;
}

const char *source_handover_topic(const struct source_setup *setup, size_t index) {
	return index == 0 ? setup->dead_topic : setup->retries[index - 1].topic;
}

// --- the side

static struct source *of(struct queue_take *side) {
	return (struct source *)side;
}

static size_t take(struct queue_take *side, struct candidate **out, size_t max) {
	return source_take_some(of(side), out, max);
}

static int fd_of(const struct queue_take *side) {
	return ((const struct source *)side)->take_fd;
}

static void finish(struct queue_take *side, struct candidate *candidate, const struct fate *fate) {
	source_take_back(of(side), candidate, fate);
}

static void stop(struct queue_take *side) {
	of(side)->stopped = true;
}

static const struct queue_take_ops take_ops = {
	.take = take,
	.fd = fd_of,
	.finish = finish,
	.stop = stop,
};

// --- serve

static bool take_counts(struct source *source) {
	int32_t counts[SOURCE_COUNT_TOPICS];

	if (!source_count_take(source->count, counts))
		return false;
	source_fault_note_topics(source, counts);
	if (counts[0] > 0)
		source->partitions = counts[0];
	for (size_t i = 0; i < source->setup.tier_count; i++)
		if (counts[1 + i] > 0)
			source->retry_partitions[i] = counts[1 + i];
	return true;
}

static void watch_hold_ups(struct source *source, int64_t now_ms) {
	struct holding *holding;

	if (source->rests || now_ms - source->watched_ms < WATCH_EVERY_MS)
		return;
	source->watched_ms = now_ms;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		source->news |= claim_watch(&holding->claim, source->setup.hold_up_ms, now_ms);
	}
}

void source_rest(struct source *source, bool rests) {
	struct holding *holding;

	source->rests = rests;
	source->moves++;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		claim_watch_anew(&holding->claim);
	}
}

bool source_serve(struct source *source, int64_t now_ms) {
	bool news;

	wake_clear(source->serve_fd);
	source_group_events(source, now_ms);
	source_group_log(source, now_ms);
	source_group_watch(source, now_ms);
	if (take_counts(source))
		source->news = true;
	handover_serve(source->handover);
	source_unpark(source, now_ms);
	source_send_leaving(source);
	source_fault_serve(source, now_ms);
	source_gap_serve(source, now_ms);
	watch_hold_ups(source, now_ms);
	source_assign_give_back(source, now_ms);
	source_peers_serve(source, now_ms);
	source_scope_serve(source, now_ms);
	source_proof_serve(source, now_ms);
	if (!source->revoking && now_ms >= source_commit_due_ms(source))
		source_group_commit(source, now_ms);
	if (source_log_is_due(source, now_ms))
		source_log_ask(source, now_ms);
	news = source->news;
	source->news = false;
	return news;
}

int source_fd(const struct source *source) {
	return source->serve_fd;
}

static void sooner(int64_t *wait_ms, int64_t other_ms) {
	if (other_ms < *wait_ms)
		*wait_ms = other_ms < 0 ? 0 : other_ms;
}

int64_t source_wait_ms(const struct source *source, int64_t now_ms) {
	const struct holding *holding;
	int64_t wait_ms = source->lent > 0 ? WATCH_EVERY_MS : 60 * WATCH_EVERY_MS;

	if (source->revoking)
		sooner(&wait_ms, source->give_back_ms - now_ms);
	if ((source->revoking || source->stopped) && !source_guard_is_clear(source))
		sooner(&wait_ms, LEAVE_LOOK_MS);
	if (!source->commit_out && source_has_to_commit(source))
		sooner(&wait_ms, source_commit_due_ms(source) - now_ms);
	TAILQ_FOREACH (holding, &source->holdings, link) {
		int64_t left_ms = holding->read_ahead == NULL
			? 0
			: source_due_left_ms(source, holding, now_ms);

		// One that is due waits for room, and take_fd tells of that.
		if (left_ms > 0)
			sooner(&wait_ms, left_ms);
	}
	if (!TAILQ_EMPTY(&source->leaving))
		sooner(&wait_ms, 100);
	if (!TAILQ_EMPTY(&source->parked))
		sooner(&wait_ms, WATCH_EVERY_MS);
	if (source->outage.is_on || source->asks_log || source_scope_is_doubted(source) ||
	    source_log_is_curious(source) || source_gap_is_open(source))
		sooner(&wait_ms, WATCH_EVERY_MS);
	return wait_ms;
}

// --- open and close

static int open_consumer(struct source *source, char *error, size_t error_bytes) {
	const struct source_setup *setup = &source->setup;
	rd_kafka_conf_t *conf;
	rd_kafka_conf_res_t res = RD_KAFKA_CONF_OK;
	int err = kafka_conf_new(
		&conf,
		setup->kafka,
		setup->instance_id == NULL ? KAFKA_CONSUMER : KAFKA_STATIC_CONSUMER,
		&source->opaque,
		setup->group,
		error,
		error_bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set_events(
		conf, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR
	);
	if (setup->instance_id != NULL)
		res = rd_kafka_conf_set(
			conf, "group.instance.id", setup->instance_id, error, error_bytes
		);
	if (res == RD_KAFKA_CONF_OK)
		res = rd_kafka_conf_set(conf, "enable.partition.eof", "true", error, error_bytes);
	if (res == RD_KAFKA_CONF_OK)
		source->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
	if (source->consumer == NULL) {
		rd_kafka_conf_destroy(conf);
		return -EINVAL;
	}
	rd_kafka_poll_set_consumer(source->consumer);
	source->events = rd_kafka_queue_get_consumer(source->consumer);
	rd_kafka_queue_io_event_enable(
		source->events, source->serve_fd, &wake_word, sizeof(wake_word)
	);
	return 0;
}

static int subscribe(struct source *source, char *error, size_t error_bytes) {
	rd_kafka_resp_err_t err = source_subscribe(source);

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	snprintf(error, error_bytes, "cannot join the group: %s", rd_kafka_err2str(err));
	return -EINVAL;
}

static int open_parts(struct source *source, char *error, size_t error_bytes) {
	struct handover_setup handover = {
		.kafka = source->setup.kafka,
		.log = source->setup.log,
		.wake_fd = source->serve_fd,
		.on_done = source_on_handed_over,
		.on_fatal = source_on_handover_fatal,
		.ctx = source,
	};
	int err;

	if (source->take_fd < 0 || source->serve_fd < 0) {
		snprintf(error, error_bytes, "no file descriptors left");
		return -EMFILE;
	}
	err = handover_open(&source->handover, &handover, error, error_bytes);
	if (err == 0)
		err = open_consumer(source, error, error_bytes);
	if (err == 0)
		err = source_asks_open(source);
	if (err == -EAGAIN)
		snprintf(error, error_bytes, "cannot start a thread");
	if (err == 0)
		err = subscribe(source, error, error_bytes);
	return err;
}

int source_open(
	struct source **out, const struct source_setup *setup, char *error, size_t error_bytes
) {
	struct source *source = calloc(1, sizeof(*source));
	int err;

	if (source == NULL)
		return -ENOMEM;
	source->side.ops = &take_ops;
	source->setup = *setup;
	source->opaque = KAFKA_OPAQUE(.log = setup->log, .owner = source, .tells_errors = true);
	TAILQ_INIT(&source->holdings);
	TAILQ_INIT(&source->revoked);
	TAILQ_INIT(&source->loans);
	TAILQ_INIT(&source->leaving);
	TAILQ_INIT(&source->parked);
	source->take_fd = wake_open();
	source->serve_fd = wake_open();
	err = open_parts(source, error, error_bytes);
	if (err < 0) {
		source_close(source, 0);
		return err;
	}
	*out = source;
	return 0;
}

static void free_loans(struct source *source) {
	struct loan *loan;
	struct holding *holding;

	source_assign_forget(source);
	while ((loan = TAILQ_FIRST(&source->loans)) != NULL)
		source_loan_free(source, loan);
	while ((holding = TAILQ_FIRST(&source->revoked)) != NULL)
		source_free_holding(source, holding);
}

int source_close(struct source *source, int64_t timeout_ms) {
	int flags = 0;

	if (source == NULL)
		return 0;
	source->stopped = true;
	// The libraries' threads may still use all of it.
	if (source->consumer != NULL && !source_leave(source, clock_mono_ms() + timeout_ms, &flags))
		return -ETIMEDOUT;
	if (handover_close(source->handover, END_MS) < 0)
		return -EBUSY;
	free_loans(source);
	source_asks_close(source);
	if (source->consumer != NULL)
		rd_kafka_queue_destroy(source->events);
	if (kafka_end(source->consumer, flags, END_MS) < 0)
		return -EBUSY;
	close(source->take_fd);
	close(source->serve_fd);
	free(source);
	return 0;
}

// --- what is seen from outside

struct queue_take *source_take_side(struct source *source) {
	return &source->side;
}

enum source_state source_state(const struct source *source) {
	return source->state;
}

const char *source_error(const struct source *source) {
	return source->error;
}

const struct source_counts *source_counts(const struct source *source) {
	return &source->counts;
}

void source_share(const struct source *source, int32_t *held, int32_t *total) {
	const struct holding *holding;

	*held = 0;
	*total = source->partitions;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		*held += holding->claim.is_retry ? 0 : 1;
	}
}

// From the next record to the end that the brokers last told.
static int64_t waiting_in(const struct source *source, const struct holding *holding) {
	const rd_kafka_message_t *next = holding->read_ahead;
	int64_t first, end = -1;

	if (next == NULL || !holding->claim.is_retry)
		return 0;
	if (rd_kafka_get_watermark_offsets(
		    source->consumer, holding->topic, next->partition, &first, &end
	    ) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    end <= next->offset)
		return 1;
	return end - next->offset;
}

int64_t source_waiting(const struct source *source) {
	const struct holding *holding;
	int64_t waiting = 0;

	if (!source->joined)
		return -1;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		waiting += waiting_in(source, holding);
	}
	return waiting;
}

bool source_is_at_rest(const struct source *source) {
	const struct holding *holding;

	if (!source->joined || source->revoking || source->commit_out || source->lent > 0 ||
	    source->rests)
		return false;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->read_ahead != NULL || !claim_is_drained(&holding->claim))
			return false;
	}
	return true;
}

bool source_is_drained(const struct source *source) {
	return source_is_at_rest(source) && !source_gap_is_open(source) &&
		(!source->setup.until_drained ||
		 (source_log_is_settled(source) && !source_proof_is_missing(source) &&
		  source_peers_hold_all(source) && !source_fault_hides(source)));
}

bool source_is_stuck(const struct source *source) {
	const struct holding *holding;

	if (source->rests)
		return false;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->claim.stuck)
			return true;
	}
	return source_fault_lasts(source, clock_mono_ms()) ||
		source_scope_lasts(source, clock_mono_ms());
}
