// SPDX-License-Identifier: MPL-2.0
// replay_end: have the workers of a replay, all together, done all of it?
#include "worker/inquiry/replay_end.h"

#include "common/base/log.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/topics/replay.h"
#include "worker/inquiry/inquiry.h"
#include "worker/member/claim.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <errno.h>
#include <stdlib.h>

enum {
	EVERY_MS = 1000,
	ANSWER_MS = 5000,
	// A new leader may not tell its end yet.
	SHORT_MS = 15 * 1000,
};

struct replay_end {
	struct inquiry *inquiry;
	struct member *member;
	int64_t asked_ms;
	bool is_reached;
	// Since when the log of a partition is too short; 0: none is.
	int64_t short_ms;
	bool is_out_of_reach;
	// the answer
	bool is_all_done;
};

static rd_kafka_topic_partition_list_t *places(const struct source_setup *setup) {
	const struct replay *replay = setup->replay;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)replay->count
	);

	for (size_t i = 0; i < replay->count; i++)
		if (replay->spans[i].start < replay->spans[i].end)
			rd_kafka_topic_partition_list_add(list, setup->topic, (int32_t)i);
	return list;
}

static bool is_done(const struct replay *replay, const rd_kafka_topic_partition_t *place) {
	return place->err == RD_KAFKA_RESP_ERR_NO_ERROR && !kafka_is_nothing_read(place) &&
		place->offset == replay_span_of(replay, place->partition).end;
}

static bool ask(void *ctx) {
	struct replay_end *end = ctx;
	const struct source_setup *setup = end->member->setup;
	rd_kafka_topic_partition_list_t *list = places(setup);
	rd_kafka_resp_err_t err = list->cnt == 0
		? RD_KAFKA_RESP_ERR_NO_ERROR
		: kafka_committed(end->member->consumer, list, ANSWER_MS);

	end->is_all_done = err == RD_KAFKA_RESP_ERR_NO_ERROR;
	for (int i = 0; i < list->cnt; i++)
		end->is_all_done &= is_done(setup->replay, &list->elems[i]);
	rd_kafka_topic_partition_list_destroy(list);
	return kafka_classify(err) != KAFKA_RETRY;
}

int replay_end_new(struct replay_end **out, struct member *member) {
	struct replay_end *end = calloc(1, sizeof(*end));
	int err;

	if (end == NULL)
		return -ENOMEM;
	end->member = member;
	err = inquiry_new(
		&end->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = end, .wake_fd = member->serve_fd}
	);
	if (err < 0) {
		free(end);
		return err;
	}
	*out = end;
	return 0;
}

void replay_end_free(struct replay_end *end) {
	if (end == NULL)
		return;
	inquiry_free(end->inquiry);
	free(end);
}

static const struct holding *find_short(const struct member *member) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &member->holdings.list, link) {
		if (claim_is_short(&holding->claim))
			break;
	}
	return holding;
}

// A partition of the replay that the topic does not have; -1: it has them all, or nobody has said.
static int32_t find_missing(const struct member *member) {
	const struct replay *replay = member->setup->replay;

	if (member->partitions <= 0)
		return -1;
	for (size_t i = (size_t)member->partitions; i < replay->count; i++)
		if (replay->spans[i].start < replay->spans[i].end)
			return (int32_t)i;
	return -1;
}

static void watch_logs(struct replay_end *end, int64_t now_ms) {
	const struct holding *holding = find_short(end->member);
	int32_t partition = holding == NULL ? find_missing(end->member) : holding->claim.partition;

	if (partition < 0)
		end->short_ms = 0;
	else if (end->short_ms == 0)
		end->short_ms = now_ms;
	if (end->short_ms == 0 || end->is_out_of_reach || now_ms - end->short_ms < SHORT_MS)
		return;
	end->is_out_of_reach = true;
	LOG(end->member->setup->log,
	    LOG_LEVEL_ERROR,
	    "the log of a partition ends before the replay does: the topic was made again, or lost "
	    "its end, since the replay was created; drop the replay",
	    log_str("topic", end->member->setup->topic),
	    log_int("partition", partition),
	    log_int("replay_ends_at", replay_span_of(end->member->setup->replay, partition).end));
}

void replay_end_serve(struct replay_end *end, int64_t now_ms) {
	if (end == NULL)
		return;
	watch_logs(end, now_ms);
	if (inquiry_take(end->inquiry))
		end->is_reached |= end->is_all_done;
	if (end->is_reached || inquiry_is_out(end->inquiry) || now_ms - end->asked_ms < EVERY_MS ||
	    !member_is_at_rest(end->member))
		return;
	end->asked_ms = now_ms;
	inquiry_start(end->inquiry);
}

bool replay_end_is_out_of_reach(const struct replay_end *end) {
	return end->is_out_of_reach;
}

bool replay_end_is_reached(const struct replay_end *end) {
	return end->is_reached;
}
