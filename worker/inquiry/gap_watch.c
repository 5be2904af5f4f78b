// SPDX-License-Identifier: MPL-2.0
// gap_watch: records that were deleted before they could be taken.
//
// Design notes
// - The library says nothing when a log no longer reaches down to where we were: it goes on from
//   the log's beginning. So what comes is compared with what would have been next (gap.h), and
//   where that differs the log's beginning is asked for.
// - That has a thread of its own, for nothing else is to wait for a leader that is away. Each try
//   ends with an answer or without one, and the next one asks only for partitions that we still
//   have.
#include "worker/inquiry/gap_watch.h"

#include "common/kafka/kafka_lag.h"
#include "worker/inquiry/inquiry.h"
#include "worker/member/gap.h"
#include "worker/member/holdings.h"

#include <errno.h>
#include <stdlib.h>

enum { AGAIN_MS = 1000, ANSWER_MS = 3000, TELL_EVERY_MS = 60 * 1000 };

struct loss { // of a topic
	int64_t records; // that were not told of yet
	int64_t told_ms; // 0: never
};

struct gap_watch {
	struct inquiry *inquiry;
	struct member *member;
	const struct age *age;
	// What is asked, then where it begins; NULL: nothing is.
	rd_kafka_topic_partition_list_t *places;
	int64_t asked_ms;
	struct loss losses[1 + SOURCE_RETRIES_MAX]; // of source_topic
};

static bool ask(void *ctx) {
	struct gap_watch *gap = ctx;

	kafka_begins(gap->member->consumer, gap->places, ANSWER_MS);
	// What is missing is asked for anew, as far as it is still wanted.
	return true;
}

int gap_watch_new(struct gap_watch **out, struct member *member, const struct age *age) {
	struct gap_watch *gap = calloc(1, sizeof(*gap));
	int err;

	if (gap == NULL)
		return -ENOMEM;
	gap->member = member;
	gap->age = age;
	err = inquiry_new(
		&gap->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = gap, .wake_fd = member->serve_fd}
	);
	if (err < 0) {
		free(gap);
		return err;
	}
	*out = gap;
	return 0;
}

static void drop_places(struct gap_watch *gap) {
	if (gap->places != NULL)
		rd_kafka_topic_partition_list_destroy(gap->places);
	gap->places = NULL;
}

void gap_watch_free(struct gap_watch *gap) {
	if (gap == NULL)
		return;
	inquiry_free(gap->inquiry);
	drop_places(gap);
	free(gap);
}

bool gap_watch_is_open(const struct member *member) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &member->holdings.list, link) {
		if (gap_is_open(&holding->claim.gap))
			return true;
	}
	return false;
}

static void start(struct gap_watch *gap, int64_t now_ms) {
	const struct holdings *holdings = &gap->member->holdings;
	struct holding *holding;

	gap->asked_ms = now_ms;
	gap->places = rd_kafka_topic_partition_list_new((int)holdings->count);
	TAILQ_FOREACH (holding, &holdings->list, link) {
		if (gap_ask(&holding->claim.gap))
			rd_kafka_topic_partition_list_add(
				gap->places, holding->topic, holding->claim.partition
			);
	}
	inquiry_start(gap->inquiry);
}

// Those that did not answer stay as they are. One that we were given since the question has asked
// nothing.
static void take_answer(struct gap_watch *gap) {
	struct member *member = gap->member;

	for (int i = 0; i < gap->places->cnt; i++) {
		const rd_kafka_topic_partition_t *place = &gap->places->elems[i];
		struct holding *holding = holdings_find(&member->holdings, place);
		int64_t deleted;

		if (holding == NULL || place->offset < 0)
			continue;
		deleted = gap_answer(&holding->claim.gap, place->offset);
		member->counts.expired_unread += deleted;
		gap->losses[holding_topic_index(holding)].records += deleted;
	}
	drop_places(gap);
}

static void tell(struct gap_watch *gap, int64_t now_ms) {
	for (size_t i = 0; i <= gap->member->setup->retry_count; i++) {
		struct loss *loss = &gap->losses[i];

		if (loss->records == 0 ||
		    (loss->told_ms != 0 && now_ms - loss->told_ms < TELL_EVERY_MS))
			continue;
		age_tell_deleted(gap->age, i, loss->records);
		*loss = (struct loss){.told_ms = now_ms};
	}
}

void gap_watch_serve(struct gap_watch *gap, int64_t now_ms) {
	if (inquiry_take(gap->inquiry))
		take_answer(gap);
	tell(gap, now_ms);
	if (!inquiry_is_out(gap->inquiry) && now_ms - gap->asked_ms >= AGAIN_MS &&
	    gap_watch_is_open(gap->member))
		start(gap, now_ms);
}
