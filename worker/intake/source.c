// SPDX-License-Identifier: MPL-2.0
// source: the take side of the queue that Kafka carries.
#include "worker/intake/source.h"

#include "common/base/clock.h"
#include "common/base/wake.h"
#include "worker/commits/commits.h"
#include "worker/commits/offsets.h"
#include "worker/commits/proof.h"
#include "worker/commits/recall.h"
#include "worker/handover/departures.h"
#include "worker/handover/due.h"
#include "worker/handover/handover.h"
#include "worker/inquiry/faults.h"
#include "worker/inquiry/gap_watch.h"
#include "worker/inquiry/owner.h"
#include "worker/inquiry/replay_end.h"
#include "worker/inquiry/source_count.h"
#include "worker/inquiry/trouble.h"
#include "worker/intake/assign.h"
#include "worker/intake/events.h"
#include "worker/intake/leave.h"
#include "worker/intake/lend.h"
#include "worker/intake/peers.h"
#include "worker/intake/source_parts.h"
#include "worker/intake/source_view.h"
#include "worker/intake/take.h"
#include "worker/member/claim.h"

#include <errno.h>
#include <stdlib.h>

enum { WATCH_EVERY_MS = 1000, LEAVE_LOOK_MS = 100 };

// --- the side

static struct source *of(struct queue_take *side) {
	return (struct source *)side;
}

static size_t take(struct queue_take *side, struct candidate **out, size_t max) {
	return take_some(&of(side)->take, out, max);
}

static int fd_of(const struct queue_take *side) {
	return ((const struct source *)side)->member.take_fd;
}

static void finish(struct queue_take *side, struct candidate *candidate, const struct fate *fate) {
	lend_take_back(&of(side)->lend, candidate, fate);
}

static const char *ends(
	struct queue_take *side, struct candidate *candidate, const struct fate *fate
) {
	return lend_end_of(&of(side)->lend, candidate, fate);
}

static void stop(struct queue_take *side) {
	of(side)->member.stopped = true;
}

static const struct queue_take_ops take_ops = {
	.take = take,
	.fd = fd_of,
	.finish = finish,
	.ends = ends,
	.stop = stop,
};

// --- serve

static bool take_counts(struct source *source) {
	int32_t counts[SOURCE_COUNT_TOPICS];

	if (!source_count_take(source->count, counts))
		return false;
	faults_note_topics(&source->faults, counts);
	if (counts[0] > 0)
		source->member.partitions = counts[0];
	for (size_t i = 0; i < source->setup.tier_count; i++)
		if (counts[1 + i] > 0)
			source->member.retry_partitions[i] = counts[1 + i];
	return true;
}

static void watch_hold_ups(struct source *source, int64_t now_ms) {
	struct holding *holding;

	if (source->member.rests || now_ms - source->watched_ms < WATCH_EVERY_MS)
		return;
	source->watched_ms = now_ms;
	TAILQ_FOREACH (holding, &source->member.holdings.list, link) {
		source->member.news |= claim_watch(
			&holding->claim, source->setup.hold_up_ms, now_ms
		);
	}
}

void source_rest(struct source *source, bool rests) {
	struct holding *holding;

	source->member.rests = rests;
	source->member.moves++;
	TAILQ_FOREACH (holding, &source->member.holdings.list, link) {
		claim_watch_anew(&holding->claim);
	}
}

bool source_serve(struct source *source, int64_t now_ms) {
	bool news;

	wake_clear(source->member.serve_fd);
	events_serve(&source->events, now_ms);
	commits_serve(&source->commits, now_ms);
	if (trouble_watch(&source->trouble, !source->offsets.is_out, now_ms))
		recall_greet(source->recall, now_ms);
	if (take_counts(source))
		source->member.news = true;
	handover_serve(source->handover);
	departures_unpark(&source->departures, now_ms);
	departures_send(&source->departures);
	faults_serve(&source->faults, now_ms);
	gap_watch_serve(source->gaps, now_ms);
	replay_end_serve(source->replay_end, now_ms);
	watch_hold_ups(source, now_ms);
	assign_give_back(&source->assign, now_ms);
	if (faults_take_back(&source->faults))
		peers_note_back(source->peers);
	peers_serve(source->peers, now_ms);
	owner_serve(source->owner, now_ms);
	proof_serve(source->proof, now_ms);
	if (!source->member.revoking && now_ms >= commits_due_ms(&source->commits))
		commits_send(&source->commits, now_ms);
	if (recall_is_due(source->recall, now_ms))
		recall_ask(source->recall, now_ms);
	news = source->member.news;
	source->member.news = false;
	return news;
}

int source_fd(const struct source *source) {
	return source->member.serve_fd;
}

static void sooner(int64_t *wait_ms, int64_t other_ms) {
	if (other_ms < *wait_ms)
		*wait_ms = other_ms < 0 ? 0 : other_ms;
}

int64_t source_wait_ms(const struct source *source, int64_t now_ms) {
	const struct holding *holding;
	int64_t wait_ms = source->member.holdings.lent > 0 ? WATCH_EVERY_MS : 60 * WATCH_EVERY_MS;

	if (source->member.revoking)
		sooner(&wait_ms, source->member.give_back_ms - now_ms);
	if ((source->member.revoking || source->member.stopped) &&
	    !commits_are_clear(&source->commits))
		sooner(&wait_ms, LEAVE_LOOK_MS);
	if (!source->offsets.is_out && offsets_are_owed(&source->offsets))
		sooner(&wait_ms, commits_due_ms(&source->commits) - now_ms);
	TAILQ_FOREACH (holding, &source->member.holdings.list, link) {
		int64_t left_ms = holding->read_ahead == NULL
			? 0
			: due_left_ms(&source->due, holding, now_ms);

		// One that is due waits for room, and take_fd tells of that.
		if (left_ms > 0)
			sooner(&wait_ms, left_ms);
	}
	if (!TAILQ_EMPTY(&source->loans.leaving))
		sooner(&wait_ms, 100);
	if (!TAILQ_EMPTY(&source->loans.parked))
		sooner(&wait_ms, WATCH_EVERY_MS);
	if (trouble_is_on(&source->trouble) || recall_is_asking(source->recall) ||
	    owner_is_doubted(source->owner) || recall_is_curious(source->recall) ||
	    gap_watch_is_open(&source->member) || source->replay_end != NULL)
		sooner(&wait_ms, WATCH_EVERY_MS);
	return wait_ms;
}

// --- open and close

static bool serve_on(void *ctx, int64_t now_ms) {
	return source_serve(ctx, now_ms);
}

static int64_t wait_on(const void *ctx, int64_t now_ms) {
	return source_wait_ms(ctx, now_ms);
}

int source_open(
	struct source **out, const struct source_setup *setup, char *error, size_t error_bytes
) {
	struct source *source = calloc(1, sizeof(*source));
	int err;

	if (source == NULL)
		return -ENOMEM;
	source->side.ops = &take_ops;
	source->setup = *setup;
	source->opaque = KAFKA_OPAQUE(.log = setup->log, .owner = source, .tells_errors = true);
	source_parts_init(source);
	source->leave.serve = serve_on;
	source->leave.wait_ms = wait_on;
	source->leave.ctx = source;
	err = source_parts_open(source, error, error_bytes);
	if (err < 0) {
		source_close(source, 0);
		return err;
	}
	*out = source;
	return 0;
}

// Not all was opened: then it never subscribed.
static bool leave(struct source *source, int64_t timeout_ms, int *flags) {
	if (source->peers != NULL)
		return leave_group(&source->leave, clock_mono_ms() + timeout_ms, flags);
	*flags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
	return true;
}

int source_close(struct source *source, int64_t timeout_ms) {
	int flags = 0;

	if (source == NULL)
		return 0;
	source->member.stopped = true;
	// The libraries' threads may still use all of it.
	if (source->member.consumer != NULL && !leave(source, timeout_ms, &flags))
		return -ETIMEDOUT;
	if (source_parts_close(source, flags) < 0)
		return -EBUSY;
	free(source);
	return 0;
}

// --- what is seen from outside

struct queue_take *source_take_side(struct source *source) {
	return &source->side;
}

enum source_state source_state(const struct source *source) {
	return source->member.state;
}

const char *source_error(const struct source *source) {
	return source->member.error;
}

const struct source_counts *source_counts(const struct source *source) {
	return &source->member.counts;
}

void source_share(const struct source *source, int32_t *held, int32_t *total) {
	const struct holding *holding;

	*held = 0;
	*total = source->member.partitions;
	TAILQ_FOREACH (holding, &source->member.holdings.list, link) {
		*held += holding->claim.is_retry ? 0 : 1;
	}
}

// From the next record to the end that the brokers last told.
static int64_t waiting_in(const struct source *source, const struct holding *holding) {
	const rd_kafka_message_t *next = holding->read_ahead;
	int64_t first, end = -1;

	if (next == NULL || !holding->claim.is_retry)
		return 0;
	if (rd_kafka_get_watermark_offsets(
		    source->member.consumer, holding->topic, next->partition, &first, &end
	    ) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    end <= next->offset)
		return 1;
	return end - next->offset;
}

int64_t source_parked(const struct source *source) {
	return faults_owed(&source->faults);
}

void source_leave_for_good(struct source *source) {
	source->leave.is_for_good = true;
}

int64_t source_waiting(const struct source *source) {
	const struct holding *holding;
	int64_t waiting = 0;

	if (!source->member.joined)
		return -1;
	TAILQ_FOREACH (holding, &source->member.holdings.list, link) {
		waiting += waiting_in(source, holding);
	}
	return waiting;
}

bool source_is_drained(const struct source *source) {
	return offsets_are_at_rest(&source->offsets) && !gap_watch_is_open(&source->member) &&
		(source->replay_end == NULL || replay_end_is_reached(source->replay_end)) &&
		(!source->setup.until_drained ||
		 (recall_is_settled(source->recall) && !proof_is_missing(&source->member) &&
		  peers_hold_all(source->peers) && !faults_hides(&source->faults)));
}

bool source_is_stuck(const struct source *source) {
	const struct holding *holding;

	if (source->member.rests)
		return false;
	TAILQ_FOREACH (holding, &source->member.holdings.list, link) {
		if (holding->claim.stuck)
			return true;
	}
	if (source->replay_end != NULL && replay_end_is_out_of_reach(source->replay_end))
		return true;
	return faults_lasts(&source->faults, clock_mono_ms()) ||
		owner_lasts(source->owner, clock_mono_ms());
}

void source_look(const struct source *source, struct source_view *out) {
	source_view_take(&source->member, out);
	out->waiting = source_waiting(source);
	out->parked = source_parked(source);
	out->has_trouble = trouble_is_on(&source->trouble);
}
