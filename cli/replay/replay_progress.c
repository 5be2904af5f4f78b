// SPDX-License-Identifier: MPL-2.0
// replay_progress: how far the workers of a replay are.
#include "cli/replay/replay_progress.h"

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_end.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_right.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 5000, END_MS = 5000 };

static void say_why(
	struct replay_progress *out,
	const struct replay *replay,
	const char *topic,
	const struct kafka_options *kafka,
	rd_kafka_t *handle,
	rd_kafka_resp_err_t err
) {
	bool is_of_topic = err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	const struct kafka_right right = {
		.operation = "Describe",
		.resource = is_of_topic ? "topic" : "group",
		.name = is_of_topic ? topic : replay->group,
	};
	char silence[KAFKA_SILENCE_BYTES];

	if (kafka_classify(err) == KAFKA_DENIED)
		kafka_right_words(kafka, &right, err, out->why, sizeof(out->why));
	else
		snprintf(out->why, sizeof(out->why), "%s", kafka_error_words(handle, err, silence));
}

static int take_commits(
	struct replay_progress *out,
	const struct replay *replay,
	const rd_kafka_topic_partition_list_t *list
) {
	out->at = calloc(replay->count + 1, sizeof(*out->at));
	if (out->at == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < replay->count; i++) {
		int64_t commit = kafka_commit_of(&list->elems[i]);

		out->at[i] = commit < 0 ? -1 : commit;
	}
	return 0;
}

// -1: not known. Brokers do not list a group that nobody has joined.
static int64_t members_of(const struct rd_kafka_group_list *list) {
	if (list->group_cnt == 0)
		return 0;
	return list->groups[0].err == RD_KAFKA_RESP_ERR_NO_ERROR ? list->groups[0].member_cnt : -1;
}

// The same. Nor do they list one that we may not Describe, so its commits have to be known.
static int64_t count_workers(rd_kafka_t *handle, const char *group) {
	const struct rd_kafka_group_list *list = NULL;
	rd_kafka_resp_err_t err = rd_kafka_list_groups(handle, group, &list, ANSWER_MS);
	int64_t count = -1;

	if (list == NULL)
		return count;
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		count = members_of(list);
	rd_kafka_group_list_destroy(list);
	return count;
}

static int ask(
	struct replay_progress *out,
	const struct replay *replay,
	const char *topic,
	const struct kafka_options *kafka,
	rd_kafka_t *handle
) {
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t kafka_err;
	int err = kafka_greet(handle, ANSWER_MS);

	if (err < 0) {
		snprintf(out->why, sizeof(out->why), "%s", kafka_trouble(handle));
		return 0;
	}
	list = kafka_list_partitions(topic, (int32_t)replay->count);
	kafka_err = kafka_commits(handle, list, ANSWER_MS);
	if (kafka_err != RD_KAFKA_RESP_ERR_NO_ERROR)
		say_why(out, replay, topic, kafka, handle, kafka_err);
	else
		err = take_commits(out, replay, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (kafka_err == RD_KAFKA_RESP_ERR_NO_ERROR)
		out->workers = count_workers(handle, replay->group);
	return err;
}

int replay_progress_find(
	struct replay_progress *out,
	const struct replay *replay,
	const char *topic,
	const struct kafka_options *kafka,
	struct log *log
) {
	struct kafka_opaque opaque = KAFKA_OPAQUE(.log = log);
	rd_kafka_conf_t *conf = NULL;
	rd_kafka_t *handle;
	int err;

	*out = (struct replay_progress){.workers = -1};
	err = kafka_conf_new(
		&conf, kafka, KAFKA_CONSUMER, &opaque, replay->group, out->why, sizeof(out->why)
	);
	if (err < 0)
		return err;
	handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, out->why, sizeof(out->why));
	if (handle == NULL) {
		rd_kafka_conf_destroy(conf);
		return -EINVAL;
	}
	rd_kafka_poll_set_consumer(handle);
	err = ask(out, replay, topic, kafka, handle);
	rd_kafka_set_log_level(handle, 0);
	(void)kafka_end(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE, END_MS);
	return err;
}

void replay_progress_fini(struct replay_progress *progress) {
	free(progress->at);
	*progress = (struct replay_progress){.workers = -1};
}

// A commit that somebody else made may lie anywhere.
static int64_t done_of(const struct replay_span *span, int64_t at) {
	return at < span->start || at > span->end ? 0 : at - span->start;
}

int64_t replay_progress_done(const struct replay_progress *progress, const struct replay *replay) {
	int64_t done = 0;

	if (progress->at == NULL)
		return -1;
	for (size_t i = 0; i < replay->count; i++)
		done += done_of(&replay->spans[i], progress->at[i]);
	return done;
}

bool replay_progress_is_bare(const struct replay_progress *progress, const struct replay *replay) {
	for (size_t i = 0; i < replay->count && progress->at != NULL; i++)
		if (progress->at[i] >= 0)
			return false;
	return progress->at != NULL;
}
