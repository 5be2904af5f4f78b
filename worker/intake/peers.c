// SPDX-License-Identifier: MPL-2.0
// peers: has the group given every partition to somebody?
//
// Design notes
// - The leader of a group looks whether topics get more partitions. A member with a name that was
//   the leader and comes back within the session gets its old partitions and is told that another
//   one leads: from then on nobody looks. So a worker with a name asks the group and the brokers,
//   and joins anew when there are partitions that nobody has: that makes the group share them out.
//   Only whoever has the candidates' first partition asks, and whoever has nothing of a topic that
//   it wants: perhaps that topic is newer than what the group knows of us.
// - Every worker that saw a topic come back after it was away does so too: librdkafka (2.16.0) was
//   seen to leave it to nobody for longer than its metadata lives.
// - One that is to end when all is drained asks too, last of all: it may have no partition of the
//   candidates because another member has them, or because the group did not know the topic when it
//   shared them out. Topics get more partitions, and members leave, so an answer counts as long as
//   nothing moved since the question.
// - A member that just saw its end leaves within moments, and does not read any more what we handed
//   over to its partition meanwhile. So after that the question waits: whoever is still there then
//   goes on, or is not alive and is thrown out.
// - Who has no partition of a topic is not told that it may not be read. So it tries to.
#include "worker/intake/peers.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_reader.h"
#include "worker/inquiry/inquiry.h"
#include "worker/member/assignment.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOOK_EVERY_MS = 30 * 1000,
	KEEN_EVERY_MS = 1000,
	STRAY_MS = 10 * 1000,
	// In which the group shares out by itself what came back.
	BACK_MS = 10 * 1000,
	COUNT_MS = 1000,
	LIST_MS = 2000,
	READ_MS = 3000,
};

struct peers {
	struct inquiry *inquiry;
	rd_kafka_t *consumer;
	const struct source_setup *setup;
	struct peers_setup parts;
	struct member *member; // of parts
	// Of the assignment when it was last asked.
	uint64_t epoch;
	int64_t answered_ms; // when it answered
	// The member's, when it was last asked.
	uint64_t moves;
	bool is_whole; // they were found to have all
	// As many partitions there were when it told that not all are held.
	int64_t told_total;
	bool told_unreadable;
	// When a topic came back; 0: all are seen to be with somebody since.
	int64_t back_ms;
	// We have some of this topic, when it was last asked.
	bool is_ours[1 + SOURCE_RETRIES_MAX];
	// the answer
	// Partitions of each of our topics; 0: it is gone.
	int32_t counts[1 + SOURCE_RETRIES_MAX];
	int64_t total; // of them all
	// Of them, by all members; -1: the group does not say.
	int64_t held;
	// It is not ours, and may not be read.
	bool is_denied[1 + SOURCE_RETRIES_MAX];
};

// --- on the inquiry's thread

// Those that are no tiers may be deleted while we run.
static bool count_all(struct peers *peers) {
	peers->total = 0;
	for (size_t i = 0; i <= peers->setup->retry_count; i++) {
		int err = kafka_partition_count(
			peers->consumer,
			source_setup_topic(peers->setup, i),
			COUNT_MS,
			&peers->counts[i]
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
static int64_t held_by(const struct peers *peers, const struct rd_kafka_group_member_info *member) {
	int64_t held = 0;

	for (size_t i = 0; i <= peers->setup->retry_count; i++) {
		int32_t count;

		if (assignment_count(
			    member->member_assignment,
			    (size_t)member->member_assignment_size,
			    source_setup_topic(peers->setup, i),
			    &count
		    ) < 0)
			return -1;
		held += peers->counts[i] > 0 ? count : 0;
	}
	return held;
}

static int64_t held_by_all(const struct peers *peers, const struct rd_kafka_group_info *group) {
	int64_t held = 0;

	for (int i = 0; i < group->member_cnt; i++) {
		int64_t more = held_by(peers, &group->members[i]);

		if (more < 0)
			return -1;
		held += more;
	}
	return held;
}

static int see_one(void *ctx, const rd_kafka_message_t *message) {
	(void)ctx;
	(void)message;
	return 1;
}

// One record is enough, and where there is none nothing is kept from us.
static int try_to_read(const struct source_setup *setup, const char *topic) {
	const struct kafka_reading reading = {
		.partition = -1,
		.quiet_ms = COUNT_MS,
		.timeout_ms = READ_MS,
		.show = see_one,
	};
	const struct kafka_reader_setup reader_setup = {
		.kafka = setup->kafka, .topic = topic, .log = setup->log};
	struct kafka_reader *reader = NULL;
	char error[256];
	int err = kafka_reader_open(&reader, &reader_setup, error, sizeof(error));

	if (err == 0)
		err = kafka_reader_read(reader, &reading);
	kafka_reader_close(reader);
	return err;
}

static bool try_others(struct peers *peers) {
	for (size_t i = 0; i <= peers->setup->retry_count; i++) {
		int err = peers->is_ours[i] || peers->counts[i] == 0
			? 0
			: try_to_read(peers->setup, source_setup_topic(peers->setup, i));

		peers->is_denied[i] = err == -EACCES;
		if (err < 0 && err != -EACCES)
			return false;
	}
	return true;
}

static bool ask_group(struct peers *peers) {
	const struct rd_kafka_group_list *list = NULL;
	bool is_settled = true;
	rd_kafka_resp_err_t err;

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

static bool ask(void *ctx) {
	struct peers *peers = ctx;

	peers->held = -1;
	if (!count_all(peers) || !ask_group(peers))
		return false;
	return !peers->setup->until_drained || peers->held < peers->total || try_others(peers);
}

// --- on the loop thread

int peers_new(struct peers **out, const struct peers_setup *setup) {
	struct peers *peers = calloc(1, sizeof(*peers));
	int err;

	if (peers == NULL)
		return -ENOMEM;
	peers->parts = *setup;
	peers->member = setup->member;
	peers->consumer = setup->member->consumer;
	peers->setup = setup->member->setup;
	err = inquiry_new(
		&peers->inquiry,
		&(struct inquiry_setup){
			.ask = ask, .ctx = peers, .wake_fd = setup->member->serve_fd}
	);
	if (err < 0) {
		free(peers);
		return err;
	}
	*out = peers;
	return 0;
}

void peers_free(struct peers *peers) {
	if (peers == NULL)
		return;
	inquiry_free(peers->inquiry);
	free(peers);
}

static bool is_the_one_to_ask(const struct peers *peers, int64_t now_ms) {
	const struct holding *holding;

	if (peers->back_ms > 0)
		return now_ms - peers->back_ms >= BACK_MS;
	if (peers->setup->instance_id == NULL)
		return false;
	for (size_t i = 0; i <= peers->setup->retry_count; i++)
		if (!holdings_has(&peers->member->holdings, source_setup_topic(peers->setup, i)))
			return true;
	TAILQ_FOREACH (holding, &peers->member->holdings.list, link) {
		if (!holding->claim.is_retry && holding->claim.partition == 0)
			return true;
	}
	return false;
}

// Brokers do not list a group that we may not Describe. Who has no partition asks it nothing else,
// so it is asked why.
static void doubt(struct peers *peers, int64_t now_ms) {
	if (!peers->setup->until_drained)
		return;
	if (!peers->parts.offsets->is_out)
		recall_greet(peers->parts.recall, now_ms);
	if (!peers->told_unreadable)
		LOG(peers->setup->log,
		    LOG_LEVEL_WARNING,
		    "what the members of the group hold cannot be read; --until-drained goes on "
		    "until it can");
	peers->told_unreadable = true;
}

// Is none of the topics that others have denied to us?
static bool note_others(const struct peers *peers) {
	bool is_any_denied = false;

	for (size_t i = 0; i <= peers->setup->retry_count; i++) {
		faults_note_others(peers->parts.faults, i, peers->is_denied[i]);
		is_any_denied |= peers->is_denied[i];
	}
	return !is_any_denied;
}

static void on_answer(struct peers *peers, int64_t now_ms) {

	if (peers->epoch != peers->member->epoch)
		return;
	if (peers->held < 0) {
		doubt(peers, now_ms);
		return;
	}
	if (peers->held >= peers->total) {
		peers->is_whole = note_others(peers);
		peers->back_ms = 0;
		return;
	}
	if (peers->total <= peers->told_total)
		return;
	peers->told_total = peers->total;
	LOG(peers->setup->log,
	    LOG_LEVEL_INFO,
	    "there are partitions that nobody in the group has",
	    log_int("partitions", peers->total),
	    log_int("held", peers->held));
	// Else the group's leader sees to it.
	if (peers->setup->instance_id != NULL || peers->back_ms > 0)
		assign_join_anew(peers->parts.assign);
}

void peers_note_back(struct peers *peers) {
	if (peers == NULL)
		return;
	peers->back_ms = clock_mono_ms();
	peers->told_total = 0;
}

bool peers_hold_all(const struct peers *peers) {

	return peers != NULL && peers->is_whole && peers->moves == peers->member->moves;
}

// Nothing is left but to ask whether all is drained.
static bool is_keen(const struct peers *peers, int64_t now_ms) {
	return peers->setup->until_drained && offsets_are_at_rest(peers->parts.offsets) &&
		(peers->parts.departures->strayed_ms == 0 ||
		 now_ms - peers->parts.departures->strayed_ms >= STRAY_MS);
}

// Is it time to ask again?
static bool is_due(const struct peers *peers, int64_t now_ms) {
	int64_t since_ms = now_ms - peers->answered_ms;

	if (is_keen(peers, now_ms) &&
	    (peers->moves != peers->member->moves || since_ms >= KEEN_EVERY_MS))
		return true;
	return is_the_one_to_ask(peers, now_ms) &&
		(peers->epoch != peers->member->epoch || since_ms >= LOOK_EVERY_MS);
}

static void start(struct peers *peers) {
	peers->epoch = peers->member->epoch;
	peers->moves = peers->member->moves;
	peers->is_whole = false;
	for (size_t i = 0; i <= peers->setup->retry_count; i++)
		peers->is_ours[i] = holdings_has(
			&peers->member->holdings, source_setup_topic(peers->setup, i)
		);
	inquiry_start(peers->inquiry);
}

static bool is_at_rest(const struct member *member) {
	return member->joined && !member->revoking && !member->joins_anew && !member->stopped &&
		member->state == SOURCE_RUNS;
}

void peers_serve(struct peers *peers, int64_t now_ms) {
	bool is_calm;

	if (peers == NULL)
		return;
	is_calm = is_at_rest(peers->member);
	if (inquiry_take(peers->inquiry)) {
		peers->answered_ms = now_ms;
		if (is_calm)
			on_answer(peers, now_ms);
	}
	if (is_calm && !inquiry_is_out(peers->inquiry) && is_due(peers, now_ms))
		start(peers);
}
