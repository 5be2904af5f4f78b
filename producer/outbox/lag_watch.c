// SPDX-License-Identifier: MPL-2.0
// lag_watch: how far the workers are behind what is published, and whether they lose something by
// it.
//
// Design notes
// - How old records are is asked by time: the brokers know the first offset since then. Our clock
//   is good enough for that.
#include "producer/outbox/lag_watch.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/topics/topics.h"

enum { ANSWER_MS = 3000, FRESH_MS = 1000, AGE_EVERY_MS = 60 * 1000 };

void lag_watch_init(
	struct lag_watch *watch,
	const struct kafka_options *kafka,
	const char *target,
	const char *topic,
	int64_t retention_ms,
	struct log *log
) {
	*watch = (struct lag_watch){
		.kafka = kafka,
		.topic = topic,
		.retention_ms = retention_ms,
		.opaque = KAFKA_OPAQUE(.log = log),
		.lag = -1,
	};
	kafka_group_name(kafka, target, watch->group, sizeof(watch->group));
}

static void close_consumer(struct lag_watch *watch) {
	if (watch->consumer != NULL)
		rd_kafka_destroy(watch->consumer);
	watch->consumer = NULL;
}

void lag_watch_fini(struct lag_watch *watch) {
	close_consumer(watch);
}

void lag_watch_begin(struct lag_watch *watch) {
	watch->lag = -1;
	watch->looked_ms = 0;
	watch->aged_ms = 0;
}

void lag_watch_published(struct lag_watch *watch) {
	watch->since++;
}

static bool open_consumer(struct lag_watch *watch) {
	rd_kafka_conf_t *conf = NULL;

	if (watch->consumer != NULL)
		return true;
	if (kafka_conf_new(
		    &conf,
		    watch->kafka,
		    KAFKA_CONSUMER,
		    &watch->opaque,
		    watch->group,
		    watch->why,
		    sizeof(watch->why)
	    ) < 0)
		return false;
	watch->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, watch->why, sizeof(watch->why));
	if (watch->consumer == NULL)
		rd_kafka_conf_destroy(conf);
	return watch->consumer != NULL;
}

static void say_why(struct lag_watch *watch) {
	bool is_group = watch->unknown == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
	const struct kafka_right right = {
		.operation = "Describe",
		.resource = is_group ? "group" : "topic",
		.name = is_group ? watch->group : watch->topic,
	};

	kafka_right_words(watch->kafka, &right, watch->unknown, watch->why, sizeof(watch->why));
	if (kafka_classify(watch->unknown) == KAFKA_RETRY)
		kafka_error_words(watch->consumer, watch->unknown, watch->why);
}

// --- what is lost by it

static void warn(const struct lag_watch *watch, const char *message, int64_t records) {
	bool is_known = watch->retention_ms > 0;
	char command[TOPIC_SET_COMMAND_BYTES];

	retention_command(watch->topic, watch->retention_ms, 0, command, sizeof(command));
	LOG(watch->opaque.log,
	    LOG_LEVEL_WARNING,
	    message,
	    log_str("topic", watch->topic),
	    log_str("group", watch->group),
	    log_int("records", records),
	    is_known ? log_int("kept_s", watch->retention_ms / 1000) : log_str("kept_s", NULL),
	    log_str("keep_longer", is_known ? command : NULL));
}

static void warn_of_losses(struct lag_watch *watch, const struct kafka_lag *lag) {
	int64_t now_ms = clock_mono_ms();

	if (lag->old > 0 && retention_notice_take(&watch->near, now_ms))
		warn(watch,
		     "records may be deleted before a worker takes them; start more workers, or "
		     "keep records longer",
		     lag->old);
	if (lag->deleted > 0 && retention_notice_take(&watch->gone, now_ms))
		warn(watch,
		     "records were deleted before a worker took them; a full pass finds their "
		     "rows again; start more workers, or keep records longer",
		     lag->deleted);
	if (lag->deleted_unsure > 0 && retention_notice_take(&watch->unsure, now_ms))
		warn(watch,
		     "records were deleted, and the group has no commit that says whether a worker "
		     "took them; a full pass finds the rows that are still there",
		     lag->deleted_unsure);
}

// -1: it was asked not long ago, or none ever is.
static int64_t old_before_ms(struct lag_watch *watch) {
	int64_t now_ms = clock_mono_ms();

	if (watch->aged_ms != 0 && now_ms - watch->aged_ms < AGE_EVERY_MS)
		return -1;
	watch->aged_ms = now_ms;
	return retention_near_before_ms(watch->retention_ms, clock_wall_ms());
}

// --- the look

void lag_watch_look(struct lag_watch *watch, int32_t partitions, int64_t on_way) {
	struct kafka_lag lag;

	watch->looked_ms = clock_mono_ms();
	watch->since = on_way;
	watch->lag = -1;
	watch->unknown = RD_KAFKA_RESP_ERR__FAIL;
	if (!open_consumer(watch))
		return;
	watch->unknown = kafka_lag(
		watch->consumer, watch->topic, partitions, old_before_ms(watch), ANSWER_MS, &lag
	);
	if (watch->unknown == RD_KAFKA_RESP_ERR_NO_ERROR) {
		watch->lag = lag.records;
		watch->has_commits = lag.has_commits;
		warn_of_losses(watch, &lag);
	} else {
		say_why(watch);
	}
	if (kafka_classify(watch->unknown) == KAFKA_DENIED)
		close_consumer(watch);
}

bool lag_watch_is_below(const struct lag_watch *watch, int64_t most) {
	return watch->lag >= 0 && watch->lag + watch->since < most;
}

bool lag_watch_is_fresh(const struct lag_watch *watch) {
	return watch->looked_ms != 0 && clock_mono_ms() - watch->looked_ms < FRESH_MS;
}
