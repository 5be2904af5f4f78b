// SPDX-License-Identifier: MPL-2.0
// work_engine: a source and a worker, joined.
#include "cli/work_engine.h"

#include "cli/front/front.h"
#include "cli/options/work_options.h"
#include "cli/topics/topics_check.h"
#include "common/base/log.h"
#include "common/kafka/topics/topics.h"
#include "common/target/target.h"
#include "worker/intake/source.h"
#include "worker/member/share.h"
#include "worker/worker.h"

#include <errno.h>

enum {
	// At the database that the topics belong to.
	LOOK_MS = 3 * 1000,
	LEAVE_MS = 5 * 1000,
};

static int name_all(struct work_engine *engine) {
	const char *prefix = engine->options->kafka.topic_prefix;
	const char *target = engine->front->target->name;
	struct work_names *names = &engine->names;
	int err = topic_name(TOPIC_CANDIDATES, prefix, target, names->topic, sizeof(names->topic));

	if (err == 0)
		err = topic_name(TOPIC_DEAD, prefix, target, names->dead, sizeof(names->dead));
	if (err < 0)
		return front_fail(err, "Kafka takes no topic of that name; check --topic-prefix");
	kafka_group_name(&engine->options->kafka, target, names->group, sizeof(names->group));
	return 0;
}

// The database first: without it nobody needs the brokers.
static int look_at_both_ends(struct work_engine *engine) {
	const struct kafka_options *kafka = &engine->options->kafka;
	int err = scope_find(engine->front, &engine->scope);

	if (err == 0)
		err = topics_check_work(
			engine->front,
			kafka,
			engine->options->own.retry_delay,
			&engine->names.retries,
			&engine->retention_ms
		);
	engine->scope.kafka = kafka;
	engine->scope.target = engine->front->target->name;
	engine->scope.log = engine->front->log;
	return err < 0 ? err : scope_bind(&engine->scope);
}

int work_engine_look(struct work_engine *engine) {
	int err = name_all(engine);

	return err < 0 ? err : look_at_both_ends(engine);
}

static int look_whose(void *ctx, char *error, size_t error_bytes) {
	return scope_look(ctx, LOOK_MS, error, error_bytes);
}

int work_engine_open(struct work_engine *engine) {
	struct source_setup source = work_options_source(engine->options);
	struct worker_setup worker = {
		.target = engine->front->target,
		.config = engine->front->config,
		.location = engine->front->location,
		.log = engine->front->log,
		.metrics = engine->front->metrics,
		.options = &engine->worker_options,
	};
	const struct retry_topics *retries = &engine->names.retries;
	char error[512] = "out of memory";
	int err;

	engine->worker_options = work_options_worker(engine->options);
	source.log = engine->front->log;
	source.target = engine->front->target->name;
	source.topic = engine->names.topic;
	source.retention_ms = engine->retention_ms;
	for (size_t i = 0; i < retries->count; i++)
		source.retries[i] = (struct source_retry){
			.topic = retries->names[i],
			.delay_ms = retries->delay_ms[i],
			.retention_ms = retries->retention_ms[i]};
	source.retry_count = retries->count;
	source.tier_count = retries->tiers;
	source.dead_topic = engine->names.dead;
	source.group = engine->names.group;
	source.until_drained = engine->options->own.until_drained;
	source.look_whose = engine->scope.name[0] == '\0' ? NULL : look_whose;
	source.look_ctx = &engine->scope;
	err = source_open(&engine->source, &source, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	worker.queue = source_take_side(engine->source);
	err = worker_new(&engine->worker, &worker);
	return err < 0 ? front_fail(err, "cannot start the worker") : 0;
}

void work_engine_share(struct work_engine *engine) {
	int32_t held, total;

	source_share(engine->source, &held, &total);
	engine->worker_options.lane.inflight_max = (int
	)share_of(engine->options->run.node_inflight, held, total);
	engine->worker_options.lane.rate_per_s = share_of_rate(
		engine->options->run.node_rate, held, total
	);
	engine->worker_options.max_rate = share_of_rate(engine->options->run.max_rate, held, total);
}

int work_engine_leave(struct work_engine *engine) {
	return source_close(engine->source, LEAVE_MS);
}

int work_engine_close(struct work_engine *engine) {
	int err;

	worker_free(engine->worker);
	err = work_engine_leave(engine);
	if (err < 0)
		LOG(engine->front->log,
		    LOG_LEVEL_WARNING,
		    err == -EBUSY ? "Kafka's library does not end; the process ends without it"
				  : "the group could not be left in time; it notices by its "
				    "session time-out");
	return err;
}
