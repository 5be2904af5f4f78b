// SPDX-License-Identifier: MPL-2.0
// take: reads the partitions' queues, as far as their windows go.
#include "worker/intake/take.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/kafka/kafka_error.h"
#include "worker/member/claim.h"
#include "worker/member/source_setup.h"

// As far as clocks may be apart.
enum { SKEW_MS = 60 * 1000 };

static bool is_due(const struct take *take, const struct holding *holding) {
	return !holding->claim.is_retry || due_left_ms(take->due, holding, clock_mono_ms()) <= 0;
}

// What was there when the replay was made is not younger than the replay, but for clocks.
static bool is_too_young(
	const struct take *take, const struct holding *holding, const rd_kafka_message_t *message
) {
	const struct replay *replay = take->member->setup->replay;

	return replay != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
		message->offset < holding->claim.end &&
		rd_kafka_message_timestamp(message, NULL) > replay->created_ms + SKEW_MS;
}

// librdkafka says nothing when the brokers' log no longer reaches to where we were: it goes on from
// the log's beginning.
static bool is_of_another_log(const struct holding *holding, const rd_kafka_message_t *message) {
	return (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
		message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) &&
		claim_has_passed(&holding->claim, message->offset);
}

// A transaction that is still open hides what lies behind it: where readers of committed records
// end, the log does not. The library tells the next end once it is over.
static bool hides_more(const struct take *take, const rd_kafka_message_t *message) {
	int64_t first, end = -1;

	return rd_kafka_get_watermark_offsets(
		       take->member->consumer,
		       rd_kafka_topic_name(message->rkt),
		       message->partition,
		       &first,
		       &end
	       ) == RD_KAFKA_RESP_ERR_NO_ERROR &&
		end > message->offset;
}

static void note_end(
	const struct take *take, struct holding *holding, const rd_kafka_message_t *message
) {
	if (hides_more(take, message))
		return;
	claim_note_end(&holding->claim, message->offset);
	wake_ring(take->member->serve_fd);
}

static void note_trouble(
	const struct take *take, struct holding *holding, const rd_kafka_message_t *message
) {
	enum kafka_class class = kafka_classify(message->err);

	if (class == KAFKA_DENIED)
		holding->unread = message->err;
	else if (class == KAFKA_MISSING)
		faults_suspect(take->faults);
	else
		LOG(take->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "a partition has trouble",
		    log_str("topic", holding->topic),
		    log_int("partition", holding->claim.partition),
		    log_str("error", rd_kafka_message_errstr(message)));
}

static rd_kafka_message_t *read_message(struct take *take, struct holding *holding) {
	rd_kafka_message_t *message = rd_kafka_consume_queue(holding->queue, 0);

	if (message == NULL)
		return NULL;
	if (is_of_another_log(holding, message) || is_too_young(take, holding, message)) {
		rd_kafka_message_destroy(message); // it is fetched again
		offsets_restart(take->offsets, holding->topic);
		return NULL;
	}
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		holding->is_heard = true;
		claim_note_read(&holding->claim, message->offset);
	}
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset >= holding->claim.end) {
		claim_note_end(&holding->claim, message->offset);
		wake_ring(take->member->serve_fd);
		rd_kafka_message_destroy(message);
		return NULL;
	}
	return message;
}

// The next message that is a record and due, or NULL.
static rd_kafka_message_t *next_message(struct take *take, struct holding *holding) {
	rd_kafka_message_t *message = holding->read_ahead;

	while (message != NULL || (message = read_message(take, holding)) != NULL) {
		if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			bool due;

			if (message != holding->read_ahead && holding->claim.is_retry)
				due_note_read(take->due, holding, message);
			due = is_due(take, holding);

			holding->read_ahead = due ? NULL : message;
			return due ? message : NULL;
		}
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
			note_end(take, holding, message);
		else
			note_trouble(take, holding, message);
		rd_kafka_message_destroy(message);
		message = NULL;
	}
	holding->is_ready = false;
	return NULL;
}

static size_t room_of(const struct take *take, const struct holding *holding) {
	const struct claim_share share = {
		.window = take->member->setup->window,
		.lent = take->member->holdings.lent,
		.lent_again = take->member->holdings.lent_again,
		.candidates = take->member->holdings.candidate_count,
	};

	return claim_room(&holding->claim, &share);
}

static size_t take_from(
	struct take *take, struct holding *holding, struct candidate **out, size_t max
) {
	size_t count = 0;

	while (count < max && holding->trust == HOLDING_WATCHED &&
	       !claim_is_complete(&holding->claim) && room_of(take, holding) > 0) {
		rd_kafka_message_t *message = next_message(take, holding);
		struct candidate *candidate;
		int err;

		if (message == NULL)
			break;
		err = lend_record(take->lend, holding, message, &candidate);
		if (err < 0) {
			holding->read_ahead = message;
			break;
		} else if (candidate != NULL) {
			out[count++] = candidate;
		}
	}
	return count;
}

static bool has_next(const struct take *take, const struct holding *holding) {
	return holding->trust == HOLDING_WATCHED && holding->is_ready &&
		!claim_is_complete(&holding->claim) &&
		(holding->read_ahead == NULL || is_due(take, holding));
}

size_t take_some(struct take *take, struct candidate **out, size_t max) {
	struct holding *holding, *first = TAILQ_FIRST(&take->member->holdings.list);
	bool has_more = false;
	size_t count = 0;

	wake_clear(take->member->take_fd);
	if (member_is_leaving(take->member) || owner_is_doubted(take->owner) || first == NULL)
		return 0;
	TAILQ_FOREACH (holding, &take->member->holdings.list, link) {
		holding->is_ready = true;
		count += take_from(take, holding, out + count, max - count);
		has_more |= has_next(take, holding) && room_of(take, holding) > 0;
	}
	// Another one is first the next time.
	TAILQ_REMOVE(&take->member->holdings.list, first, link);
	TAILQ_INSERT_TAIL(&take->member->holdings.list, first, link);
	if (has_more)
		wake_ring(take->member->take_fd);
	return count;
}
