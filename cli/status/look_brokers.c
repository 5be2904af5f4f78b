// SPDX-License-Identifier: MPL-2.0
// look_brokers: asks the brokers how far the group is in each topic, and who is in it.
//
// Design notes
// - Each question is one for all partitions. What one of them lacks does not take the others with
//   it: a partition whose leader is away is unknown, and so is the sum.
// - The handle is of the group and subscribes to nothing, so it is no member.
#include "cli/status/look_brokers.h"

#include "cli/status/look_logs.h"
#include "cli/status/look_oldest.h"
#include "common/base/clock.h"
#include "common/kafka/kafka.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/topics.h"
#include "worker/member/assignment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_MS = 200 };

struct look_brokers {
	const struct kafka_options *kafka;
	const char *target;
	struct kafka_opaque opaque;
	char group[TOPIC_NAME_BYTES];
	char candidates[TOPIC_NAME_BYTES];
	rd_kafka_t *handle;
	int64_t deadline_ms;
};

int look_brokers_open(
	struct look_brokers **out,
	const struct kafka_options *kafka,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct look_brokers *look = calloc(1, sizeof(*look));
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (look == NULL)
		return -ENOMEM;
	look->kafka = kafka;
	look->target = target;
	look->opaque = KAFKA_OPAQUE(.log = log, .owner = look);
	kafka_group_name(kafka, target, look->group, sizeof(look->group));
	snprintf(error, error_bytes, "--topic-prefix does not make a topic's name");
	err = topic_name(
		TOPIC_CANDIDATES,
		kafka->topic_prefix,
		target,
		look->candidates,
		sizeof(look->candidates)
	);
	if (err == 0)
		err = kafka_conf_new(
			&conf, kafka, KAFKA_CONSUMER, &look->opaque, look->group, error, error_bytes
		);
	if (err == 0) {
		// What lies behind an open transaction waits too.
		rd_kafka_conf_set(conf, "isolation.level", "read_uncommitted", NULL, 0);
		look->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
		err = look->handle == NULL ? -EINVAL : 0;
		if (err < 0)
			rd_kafka_conf_destroy(conf);
	}
	if (err < 0) {
		free(look);
		return err;
	}
	rd_kafka_poll_set_consumer(look->handle);
	*out = look;
	return 0;
}

static int left_ms(const struct look_brokers *look) {
	int64_t left = look->deadline_ms - clock_mono_ms();

	return left > LEAST_MS ? (int)left : LEAST_MS;
}

// --- which topics there are

static int add_topic(
	struct view_lags *out, const struct rd_kafka_metadata_topic *topic, int64_t delay_ms
) {
	size_t count = out->partition_count + (size_t)topic->partition_cnt;
	struct view_topic *topics = realloc(out->topics, (out->topic_count + 1) * sizeof(*topics));
	struct view_partition *partitions;

	if (topics == NULL)
		return -ENOMEM;
	out->topics = topics;
	partitions = realloc(out->partitions, (count + 1) * sizeof(*partitions));
	if (partitions == NULL)
		return -ENOMEM;
	out->partitions = partitions;
	topics[out->topic_count] = (struct view_topic){.delay_ms = delay_ms};
	snprintf(topics[out->topic_count].name, sizeof(topics->name), "%s", topic->topic);
	for (int32_t i = 0; i < topic->partition_cnt; i++)
		partitions[out->partition_count++] = (struct view_partition){
			.topic = out->topic_count,
			.partition = i,
			.leader = topic->partitions[i].leader,
			.begin = VIEW_UNKNOWN,
			.end = VIEW_UNKNOWN,
			.commit = VIEW_UNKNOWN,
			.oldest_ms = VIEW_UNKNOWN,
			.worker = SIZE_MAX,
		};
	out->topic_count++;
	return 0;
}

static const struct rd_kafka_metadata_topic *find_topic(
	const struct rd_kafka_metadata *metadata, const char *name
) {
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (metadata->topics[i].partition_cnt > 0 &&
		    strcmp(metadata->topics[i].topic, name) == 0)
			return &metadata->topics[i];
	return NULL;
}

struct retry {
	const struct rd_kafka_metadata_topic *topic;
	int64_t delay_ms;
};

static int compare_delays(const void *left, const void *right) {
	const struct retry *a = left;
	const struct retry *b = right;

	return a->delay_ms < b->delay_ms ? -1 : a->delay_ms > b->delay_ms;
}

static int add_retries(
	const struct look_brokers *look,
	const struct rd_kafka_metadata *metadata,
	struct view_lags *out
) {
	struct retry *found = calloc((size_t)metadata->topic_cnt + 1, sizeof(*found));
	size_t count = 0;
	int err = found == NULL ? -ENOMEM : 0;

	for (int i = 0; i < metadata->topic_cnt && err == 0; i++) {
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
		int64_t delay_ms;

		if (topic->partition_cnt > 0 &&
		    topic_retry_delay(
			    look->kafka->topic_prefix, look->target, topic->topic, &delay_ms
		    ) == 0)
			found[count++] = (struct retry){topic, delay_ms};
	}
	if (err == 0)
		qsort(found, count, sizeof(*found), compare_delays);
	for (size_t i = 0; i < count && err == 0; i++)
		err = add_topic(out, found[i].topic, found[i].delay_ms);
	free(found);
	return err;
}

static int say(struct view_source *source, const char *why) {
	source->is_known = false;
	snprintf(source->why, sizeof(source->why), "%s", why);
	return 0;
}

static int say_err(
	const struct look_brokers *look, struct view_source *source, rd_kafka_resp_err_t err
) {
	char words[KAFKA_SILENCE_BYTES];

	return say(source, kafka_error_words(look->handle, err, words));
}

// 0, also when nothing was found: then the source says why; -ENOMEM.
static int find_topics(struct look_brokers *look, struct view_lags *out) {
	const struct rd_kafka_metadata *metadata = NULL;
	const struct rd_kafka_metadata_topic *candidates;
	char why[TOPIC_NAME_BYTES + 100];
	rd_kafka_resp_err_t kafka_err;
	int err = 0;

	if (kafka_greet(look->handle, left_ms(look)) < 0)
		return say(&out->source, kafka_trouble(look->handle));
	kafka_err = rd_kafka_metadata(look->handle, 1, NULL, &metadata, left_ms(look));
	if (kafka_err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return say_err(look, &out->source, kafka_err);
	candidates = find_topic(metadata, look->candidates);
	if (candidates == NULL) {
		snprintf(
			why,
			sizeof(why),
			"there is no topic '%s', or no right to Describe it",
			look->candidates
		);
		say(&out->source, why);
	} else {
		out->source.is_known = true;
		err = add_topic(out, candidates, 0);
		if (err == 0)
			err = add_retries(look, metadata, out);
	}
	rd_kafka_metadata_destroy(metadata);
	return err;
}

// --- where they are

static rd_kafka_topic_partition_list_t *list_of(const struct view_lags *lags) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int
	)lags->partition_count);

	for (size_t i = 0; i < lags->partition_count; i++)
		rd_kafka_topic_partition_list_add(
			list,
			lags->topics[lags->partitions[i].topic].name,
			lags->partitions[i].partition
		);
	return list;
}

static void say_commits(
	const struct look_brokers *look, struct view_lags *out, rd_kafka_resp_err_t err
) {
	const struct kafka_right right = {
		.operation = "Describe", .resource = "group", .name = look->group};
	char why[KAFKA_RIGHT_BYTES];

	if (kafka_classify(err) != KAFKA_DENIED) {
		say_err(look, &out->source, err);
		return;
	}
	kafka_right_words(look->kafka, &right, err, why, sizeof(why));
	say(&out->source, why);
}

// An error of the whole question leaves all as they were asked.
static bool is_of_one(const rd_kafka_topic_partition_list_t *list, rd_kafka_resp_err_t err) {
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err == err)
			return true;
	return false;
}

static void ask_commits(struct look_brokers *look, struct view_lags *out) {
	rd_kafka_topic_partition_list_t *list = list_of(out);
	rd_kafka_resp_err_t err = kafka_commits(look->handle, list, left_ms(look));

	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		say_commits(look, out, err);
		out->source.is_known = is_of_one(list, err);
	}
	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *place = &list->elems[i];
		int64_t commit;

		if (place->err != RD_KAFKA_RESP_ERR_NO_ERROR || !out->source.is_known)
			continue;
		commit = kafka_commit_of(place);
		out->partitions[i].commit = commit < 0 ? VIEW_NONE : commit;
	}
	rd_kafka_topic_partition_list_destroy(list);
}

// --- who is at it

struct hold {
	struct view_lags *lags;
	size_t worker;
};

static void note_held(void *ctx, const char *topic, size_t topic_len, int32_t partition) {
	const struct hold *hold = ctx;
	struct view_lags *lags = hold->lags;
	struct view_partition *one;

	lags->workers[hold->worker].partitions++;
	one = view_find(lags, topic, topic_len, partition);
	if (one != NULL)
		one->worker = hold->worker;
}

static int take_members(struct view_lags *out, const struct rd_kafka_group_info *group) {
	out->workers = calloc((size_t)group->member_cnt + 1, sizeof(*out->workers));
	if (out->workers == NULL)
		return -ENOMEM;
	for (int i = 0; i < group->member_cnt; i++) {
		const struct rd_kafka_group_member_info *member = &group->members[i];
		struct view_worker *worker = &out->workers[out->worker_count];
		struct hold hold = {out, out->worker_count++};

		snprintf(worker->id, sizeof(worker->id), "%s", member->member_id);
		// Brokers in Java write a slash before it.
		snprintf(
			worker->host,
			sizeof(worker->host),
			"%s",
			member->client_host + (member->client_host[0] == '/' ? 1 : 0)
		);
		if (assignment_each(
			    member->member_assignment,
			    (size_t)member->member_assignment_size,
			    note_held,
			    &hold
		    ) < 0)
			worker->partitions = VIEW_UNKNOWN;
	}
	return 0;
}

// Brokers do not list a group that we may not Describe; then its commits are unknown too.
static int ask_members(struct look_brokers *look, struct view_lags *out) {
	const struct rd_kafka_group_list *list = NULL;
	rd_kafka_resp_err_t kafka_err = rd_kafka_list_groups(
		look->handle, look->group, &list, left_ms(look)
	);
	int err = 0;

	if (list != NULL && list->group_cnt == 1) {
		kafka_err = list->groups[0].err;
		if (kafka_err == RD_KAFKA_RESP_ERR_NO_ERROR)
			err = take_members(out, &list->groups[0]);
	}
	if (list != NULL)
		rd_kafka_group_list_destroy(list);
	if (err < 0)
		return err;
	if (kafka_err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return say_err(look, &out->workers_source, kafka_err);
	if (!out->source.is_known)
		return say(&out->workers_source, out->source.why);
	out->workers_source.is_known = true;
	return 0;
}

int look_brokers_ask(struct look_brokers *look, int64_t timeout_ms, struct view_lags *out) {
	int err;

	out->at_ms = clock_mono_ms();
	look->deadline_ms = out->at_ms + timeout_ms;
	say(&out->workers_source, "");
	err = find_topics(look, out);
	if (err < 0 || !out->source.is_known) {
		say(&out->workers_source, out->source.why);
		return err;
	}
	ask_commits(look, out);
	look_logs(look->handle, left_ms(look) / 2, out);
	err = ask_members(look, out);
	if (err == 0 && out->source.is_known)
		look_oldest(look->handle, left_ms(look) / 2, out);
	return err;
}
