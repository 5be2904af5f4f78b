// SPDX-License-Identifier: MPL-2.0
// source_peers: has the group given every partition to somebody?
//
// Design notes
// - The leader of a group looks whether topics get more partitions. A member with a name that was the leader and comes back
//   within the session gets its old partitions and is told that another one leads: from then on nobody looks. So a worker
//   with a name asks the group and the brokers, and joins anew when there are partitions that nobody has: that makes the
//   group share them out. Only whoever has the candidates' first partition asks, and whoever has nothing of a topic that it
//   wants: perhaps that topic is newer than what the group knows of us.
// - One that is to end when all is drained asks too: it may have no partition of the candidates because another member has
//   them, or because the group did not know the topic when it shared them out.
#include "common/log.h"
#include "worker/assignment.h"
#include "worker/inquiry.h"
#include "worker/source_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY_MS = 30 * 1000, KEEN_EVERY_MS = 1000, COUNT_MS = 1000, LIST_MS = 2000 };

struct source_peers {
	struct inquiry *inquiry;
	rd_kafka_t *consumer;
	const struct source_setup *setup;
	uint64_t epoch; // of the assignment when it was last asked
	int64_t asked_ms; // and when
	uint64_t whole_epoch; // of the assignment when they were found to have all; 0: none
	int64_t told_total; // as many partitions there were when it told that not all are held
	bool told_unreadable;
	// the answer
	int32_t counts[1 + SOURCE_RETRIES_MAX]; // partitions of each of our topics; 0: it is gone
	int64_t total; // of them all
	int64_t held; // of them, by all members; -1: the group does not say
};

// --- on the inquiry's thread

// Those of another --retry-delay may be deleted while we run.
static bool count_all(struct source_peers *peers) {
	peers->total = 0;
	for (size_t i = 0; i <= peers->setup->retry_count; i++) {
		int err = kafka_partition_count(
			peers->consumer, source_topic(peers->setup, i), COUNT_MS, &peers->counts[i]
		);

		if (err < 0 && (err != -ENOENT || i <= peers->setup->tier_count))
			return false;
		if (err < 0)
			peers->counts[i] = 0;
		peers->total += peers->counts[i];
	}
	return true;
}

// -1: it cannot be read.
static int64_t
held_by(const struct source_peers *peers, const struct rd_kafka_group_member_info *member) {
	int64_t held = 0;

	for (size_t i = 0; i <= peers->setup->retry_count; i++) {
		int32_t count;

		if (assignment_count(
			    member->member_assignment,
			    (size_t)member->member_assignment_size,
			    source_topic(peers->setup, i),
			    &count
		    ) < 0)
			return -1;
		held += peers->counts[i] > 0 ? count : 0;
	}
	return held;
}

static int64_t
held_by_all(const struct source_peers *peers, const struct rd_kafka_group_info *group) {
	int64_t held = 0;

	for (int i = 0; i < group->member_cnt; i++) {
		int64_t more = held_by(peers, &group->members[i]);

		if (more < 0)
			return -1;
		held += more;
	}
	return held;
}

static bool ask(void *ctx) {
	struct source_peers *peers = ctx;
	const struct rd_kafka_group_list *list = NULL;
	bool is_settled = true;
	rd_kafka_resp_err_t err;

	peers->held = -1;
	if (!count_all(peers))
		return false;
	err = rd_kafka_list_groups(peers->consumer, peers->setup->group, &list, LIST_MS);
	// The coordinator alone knows the group, so it does no harm when another broker is away.
	if (list != NULL && list->group_cnt == 1) {
		err = list->groups[0].err;
		is_settled = strcmp(list->groups[0].state, "Stable") == 0;
		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			peers->held = held_by_all(peers, &list->groups[0]);
	}
	if (list != NULL)
		rd_kafka_group_list_destroy(list);
	return kafka_classify(err) != KAFKA_RETRY && is_settled;
}

// --- on the loop thread

int source_peers_new(struct source_peers **out, struct source *source) {
	struct source_peers *peers = calloc(1, sizeof(*peers));
	int err;

	if (peers == NULL)
		return -ENOMEM;
	peers->consumer = source->consumer;
	peers->setup = &source->setup;
	err = inquiry_new(
		&peers->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = peers, .wake_fd = source->serve_fd}
	);
	if (err < 0) {
		free(peers);
		return err;
	}
	*out = peers;
	return 0;
}

void source_peers_free(struct source_peers *peers) {
	if (peers == NULL)
		return;
	inquiry_free(peers->inquiry);
	free(peers);
}

static bool has_some_of(const struct source *source, const char *topic) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->topic == topic)
			return true;
	}
	return false;
}

static bool is_the_one_to_ask(const struct source *source) {
	const struct holding *holding;

	for (size_t i = 0; i <= source->setup.retry_count; i++)
		if (!has_some_of(source, source_topic(&source->setup, i)))
			return true;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (!holding->claim.is_retry && holding->claim.partition == 0)
			return true;
	}
	return false;
}

// Brokers do not list a group that we may not Describe. Who has no partition asks it nothing else, so it is asked why.
static void doubt(struct source *source, int64_t now_ms) {
	if (!source->setup.until_drained)
		return;
	if (!source->commit_out)
		source_log_greet(source, now_ms);
	if (!source->peers->told_unreadable)
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "what the members of the group hold cannot be read; --until-drained goes on "
		    "until it can");
	source->peers->told_unreadable = true;
}

static void on_answer(struct source *source, int64_t now_ms) {
	struct source_peers *peers = source->peers;

	if (peers->epoch != source->epoch)
		return;
	if (peers->held < 0) {
		doubt(source, now_ms);
		return;
	}
	if (peers->held >= peers->total)
		peers->whole_epoch = source->epoch;
	if (peers->held >= peers->total || peers->total <= peers->told_total)
		return;
	peers->told_total = peers->total;
	LOG(source->setup.log,
	    LOG_LEVEL_INFO,
	    "there are partitions that nobody in the group has",
	    log_int("partitions", peers->total),
	    log_int("held", peers->held));
	if (source->setup.instance_id != NULL) // else the group's leader sees to it
		source_join_anew(source);
}

bool source_peers_hold_all(const struct source *source) {
	return source->peers != NULL && source->peers->whole_epoch == source->epoch;
}

// Is it time to ask again?
static bool is_due(const struct source *source, int64_t now_ms) {
	const struct source_peers *peers = source->peers;
	bool is_keen = source->setup.until_drained && !source_peers_hold_all(source);

	return peers->epoch != source->epoch ||
		now_ms - peers->asked_ms >= (is_keen ? KEEN_EVERY_MS : LOOK_EVERY_MS);
}

void source_peers_serve(struct source *source, int64_t now_ms) {
	struct source_peers *peers = source->peers;
	bool is_calm = source->joined && !source->revoking && !source->joins_anew &&
		!source->stopped && source->state == SOURCE_RUNS;

	if (peers == NULL)
		return;
	if (inquiry_take(peers->inquiry) && is_calm)
		on_answer(source, now_ms);
	if (!is_calm || inquiry_is_out(peers->inquiry) || !is_due(source, now_ms) ||
	    !(source->setup.until_drained || is_the_one_to_ask(source)))
		return;
	peers->epoch = source->epoch;
	peers->asked_ms = now_ms;
	inquiry_start(peers->inquiry);
}
