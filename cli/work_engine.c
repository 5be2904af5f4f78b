// SPDX-License-Identifier: MPL-2.0
// work_engine: a source and a worker, joined.
#include "cli/work_engine.h"

#include "cli/front/front.h"
#include "cli/options/audit_option.h"
#include "cli/options/work_options.h"
#include "cli/replay/replay_find.h"
#include "cli/topics/topics_check.h"
#include "common/base/log.h"
#include "common/handle.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/topics.h"
#include "common/target/target.h"
#include "common/target/target_remover.h"
#include "worker/audit/audit.h"
#include "worker/intake/source.h"
#include "worker/member/share.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	// At the database that the topics belong to.
	LOOK_MS = 3 * 1000,
	LEAVE_MS = 5 * 1000,
};

static bool is_replay(const struct work_engine *engine) {
	return engine->options->own.replay != NULL;
}

static int name_all(struct work_engine *engine) {
	const char *prefix = engine->options->kafka.topic_prefix;
	const char *target = engine->front->target->name;
	struct work_names *names = &engine->names;
	int err = topic_name(TOPIC_CANDIDATES, prefix, target, names->topic, sizeof(names->topic));

	if (err == 0)
		err = topic_name(TOPIC_DEAD, prefix, target, names->dead, sizeof(names->dead));
	if (err == 0)
		err = topic_name(TOPIC_AUDIT, prefix, target, names->audit, sizeof(names->audit));
	if (err < 0)
		return front_fail(err, "Kafka takes no topic of that name; check --topic-prefix");
	kafka_group_name(&engine->options->kafka, target, names->group, sizeof(names->group));
	return 0;
}

static bool has_audit_topic(const struct work_engine *engine) {
	return audit_option_is_topic(engine->options->run.audit_log);
}

static int look_at_topics(struct work_engine *engine) {
	const struct kafka_options *kafka = &engine->options->kafka;

	return is_replay(engine)
		? topics_check_replay(
			  engine->front, kafka, has_audit_topic(engine), &engine->retention_ms
		  )
		: topics_check_work(
			  engine->front,
			  kafka,
			  has_audit_topic(engine),
			  &engine->options->tiers,
			  &engine->names.retries,
			  &engine->retention_ms
		  );
}

// The database first: without it nobody needs the brokers.
static int look_at_both_ends(struct work_engine *engine) {
	const struct kafka_options *kafka = &engine->options->kafka;
	int err = scope_find(engine->front, &engine->scope);

	if (err == 0)
		err = look_at_topics(engine);
	engine->scope.kafka = kafka;
	engine->scope.target = engine->front->target->name;
	engine->scope.log = engine->front->log;
	return err < 0 ? err : scope_bind(&engine->scope);
}

static int check_replay(const struct work_engine *engine) {
	const struct replay *replay = &engine->replay;
	const struct target *target = engine->front->target;

	if (strcmp(replay->scope, engine->scope.name) != 0) {
		fprintf(stderr,
			"purgefleet: the replay '%s' is of the %s '%s', this is '%s'\n",
			replay->id,
			engine->scope.named,
			replay->scope,
			engine->scope.name);
		return -ESTALE;
	}
	if (replay->node[0] != '\0' && target->remover->is_on_node == NULL)
		return front_fail(-ENOTSUP, "this target has no nodes, and the replay names one");
	return 0;
}

static int find_replay(struct work_engine *engine) {
	struct kafka_state *state = NULL;
	const char *target = engine->front->target->name;
	char error[512];
	int err = kafka_state_open(
		&state, &engine->options->kafka, target, engine->front->log, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = replay_find(&engine->replay, state, target, engine->options->own.replay);
	kafka_state_close(state);
	if (err == 0)
		err = check_replay(engine);
	if (err == 0)
		snprintf(
			engine->names.group, sizeof(engine->names.group), "%s", engine->replay.group
		);
	return err;
}

static int prove_on(const struct front *front, struct handle *handle) {
	char words[FRONT_WORDS_BYTES] = "";
	int err = front->target->remover->prove(front->config, handle, words, sizeof(words));

	if (err < 0)
		return front_fail(err, words);
	if (words[0] != '\0')
		LOG(front->log, err > 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, words);
	return 0;
}

static int prove(const struct front *front) {
	struct handle *handle = NULL;
	char error[512] = "out of memory";
	int err;

	if (front->target->remover->prove == NULL)
		return 0;
	err = handle_new(
		&handle, front->target->handle_kind, front->location, error, sizeof(error)
	);
	if (err == 0) {
		err = handle_open(handle);
		if (err < 0)
			handle_say_unreachable(handle, err, front->source, error, sizeof(error));
	}
	err = err < 0 ? front_fail(err, error) : prove_on(front, handle);
	handle_free(handle);
	return err;
}

int work_engine_look(struct work_engine *engine) {
	int err = name_all(engine);

	if (err == 0)
		err = look_at_both_ends(engine);
	if (err == 0)
		err = prove(engine->front);
	return err == 0 && is_replay(engine) ? find_replay(engine) : err;
}

static bool is_wanted(void *ctx, const struct candidate *candidate) {
	const struct work_engine *engine = ctx;
	const struct replay *replay = &engine->replay;
	const struct target_remover *remover = engine->front->target->remover;

	if (!replay_has_key(replay, candidate->key))
		return false;
	return replay->node[0] == '\0' ||
		remover->is_on_node(
			engine->front->config, candidate, replay->node, replay->node_id
		);
}

static int look_at_replay(const struct work_engine *engine, char *error, size_t error_bytes) {
	const struct front *front = engine->front;
	struct kafka_state *state = NULL;
	int err = kafka_state_open(
		&state, &engine->options->kafka, front->target->name, front->log, error, error_bytes
	);

	if (err == 0)
		err = replay_look(&engine->replay, state, LOOK_MS, error, error_bytes);
	kafka_state_close(state);
	return err;
}

// On a thread of the source's.
static int look_whose(void *ctx, char *error, size_t error_bytes) {
	const struct work_engine *engine = ctx;
	int err = engine->scope.name[0] == '\0'
		? 0
		: scope_look(&engine->scope, LOOK_MS, error, error_bytes);

	return err == 0 && is_replay(engine) ? look_at_replay(engine, error, error_bytes) : err;
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
	err = audit_option_open(&engine->audit, engine->options->run.audit_log);
	if (err < 0)
		return err;
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
	source.audit_topic = has_audit_topic(engine) ? engine->names.audit : NULL;
	source.group = engine->names.group;
	source.until_drained = engine->options->own.until_drained;
	source.look_whose = engine->scope.name[0] == '\0' && !is_replay(engine) ? NULL : look_whose;
	source.look_ctx = engine;
	if (is_replay(engine)) {
		source.replay = &engine->replay;
		source.is_wanted = is_wanted;
		source.wanted_ctx = engine;
	}
	err = source_open(&engine->source, &source, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	worker.queue = source_take_side(engine->source);
	worker.audit = engine->audit;
	if (is_replay(engine))
		LOG(engine->front->log,
		    LOG_LEVEL_INFO,
		    "replaying",
		    log_str("replay", engine->replay.id),
		    log_str("group", engine->replay.group),
		    log_int("records_at_most", replay_records(&engine->replay)),
		    log_str("node", engine->replay.node[0] == '\0' ? NULL : engine->replay.node));
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
	audit_close(engine->audit);
	err = work_engine_leave(engine);
	// Else the library's threads still run.
	if (err == 0)
		replay_fini(&engine->replay);
	if (err < 0)
		LOG(engine->front->log,
		    LOG_LEVEL_WARNING,
		    err == -EBUSY ? "Kafka's library does not end; the process ends without it"
				  : "the group could not be left in time; it notices by its "
				    "session time-out");
	return err;
}
