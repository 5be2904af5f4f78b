// SPDX-License-Identifier: MPL-2.0
// lag_watch: how far the workers are behind what is published.
#include "producer/lag_watch.h"

#include "common/clock.h"
#include "common/kafka_lag.h"

enum { ANSWER_MS = 3000, FRESH_MS = 1000 };

void lag_watch_init(
	struct lag_watch *watch,
	const struct kafka_options *kafka,
	const char *target,
	const char *topic,
	struct log *log
) {
	*watch = (struct lag_watch){
		.kafka = kafka,
		.topic = topic,
		.opaque = {.log = log},
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
}

void lag_watch_look(struct lag_watch *watch, int32_t partitions) {
	int64_t lag = -1;

	watch->looked_ms = clock_mono_ms();
	watch->since = 0;
	watch->lag = -1;
	watch->unknown = RD_KAFKA_RESP_ERR__FAIL;
	if (!open_consumer(watch))
		return;
	watch->unknown = kafka_lag(watch->consumer, watch->topic, partitions, ANSWER_MS, &lag);
	if (watch->unknown == RD_KAFKA_RESP_ERR_NO_ERROR)
		watch->lag = lag;
	else
		say_why(watch);
	if (kafka_classify(watch->unknown) == KAFKA_DENIED)
		close_consumer(watch);
}

bool lag_watch_is_below(const struct lag_watch *watch, int64_t most) {
	return watch->looked_ms != 0 && clock_mono_ms() - watch->looked_ms < FRESH_MS &&
		watch->lag >= 0 && watch->lag + watch->since < most;
}
