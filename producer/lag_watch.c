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

void lag_watch_fini(struct lag_watch *watch) {
	if (watch->consumer != NULL)
		rd_kafka_destroy(watch->consumer);
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
	char error[256];

	if (watch->consumer != NULL)
		return true;
	if (kafka_conf_new(
		    &conf,
		    watch->kafka,
		    KAFKA_CONSUMER,
		    &watch->opaque,
		    watch->group,
		    error,
		    sizeof(error)
	    ) < 0)
		return false;
	watch->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	if (watch->consumer == NULL)
		rd_kafka_conf_destroy(conf);
	return watch->consumer != NULL;
}

void lag_watch_look(struct lag_watch *watch, int32_t partitions) {
	int64_t lag = -1;

	watch->looked_ms = clock_mono_ms();
	watch->since = 0;
	watch->lag = -1;
	if (open_consumer(watch) &&
	    kafka_lag(watch->consumer, watch->topic, partitions, ANSWER_MS, &lag) == 0)
		watch->lag = lag;
}

bool lag_watch_is_below(const struct lag_watch *watch, int64_t most) {
	return watch->looked_ms != 0 && clock_mono_ms() - watch->looked_ms < FRESH_MS &&
		watch->lag >= 0 && watch->lag + watch->since < most;
}
