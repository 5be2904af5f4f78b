// SPDX-License-Identifier: MPL-2.0
// source_take: reads the partitions' queues, as far as their windows go.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "worker/intake/source_state.h"

#include <errno.h>

static bool is_due(const struct source *source, const struct holding *holding) {
	return !holding->claim.is_retry ||
		source_due_left_ms(source, holding, clock_mono_ms()) <= 0;
}

// librdkafka says nothing when the brokers' log no longer reaches to where we were: it goes on from
// the log's beginning.
static bool is_of_another_log(const struct holding *holding, const rd_kafka_message_t *message) {
	return (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
		message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) &&
		claim_has_passed(&holding->claim, message->offset);
}

static rd_kafka_message_t *read_message(struct source *source, struct holding *holding) {
	rd_kafka_message_t *message = rd_kafka_consume_queue(holding->queue, 0);

	if (message == NULL)
		return NULL;
	if (is_of_another_log(holding, message)) {
		rd_kafka_message_destroy(message); // it is fetched again
		source_guard_restart(source, holding->topic);
		return NULL;
	}
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		holding->is_heard = true;
		claim_note_read(&holding->claim, message->offset);
	}
	return message;
}

// The next message that is a record and due, or NULL.
static rd_kafka_message_t *next_message(struct source *source, struct holding *holding) {
	rd_kafka_message_t *message = holding->read_ahead;

	while (message != NULL || (message = read_message(source, holding)) != NULL) {
		if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			bool due;

			if (message != holding->read_ahead && holding->claim.is_retry)
				source_due_note_read(source, holding, message);
			due = is_due(source, holding);

			holding->read_ahead = due ? NULL : message;
			return due ? message : NULL;
		}
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			claim_note_end(&holding->claim, message->offset);
			wake_ring(source->serve_fd);
		} else if (kafka_classify(message->err) == KAFKA_DENIED)
			holding->unread = message->err;
		else if (kafka_classify(message->err) == KAFKA_MISSING)
			source_fault_suspect(source);
		else
			LOG(source->setup.log,
			    LOG_LEVEL_WARNING,
			    "a partition has trouble",
			    log_str("topic", holding->topic),
			    log_int("partition", holding->claim.partition),
			    log_str("error", rd_kafka_message_errstr(message)));
		rd_kafka_message_destroy(message);
		message = NULL;
	}
	holding->is_ready = false;
	return NULL;
}

static size_t room_of(const struct source *source, const struct holding *holding) {
	const struct claim_share share = {
		.window = source->setup.window,
		.lent = source->lent,
		.lent_again = source->lent_again,
		.candidates = source->candidate_count,
	};

	return claim_room(&holding->claim, &share);
}

static size_t take_from(
	struct source *source, struct holding *holding, struct candidate **out, size_t max
) {
	size_t count = 0;

	while (count < max && holding->trust == HOLDING_WATCHED && room_of(source, holding) > 0) {
		rd_kafka_message_t *message = next_message(source, holding);
		struct candidate *candidate;
		int err;

		if (message == NULL)
			break;
		err = source_lend(source, holding, message, &candidate);
		if (err < 0) {
			holding->read_ahead = message;
			break;
		} else if (candidate != NULL) {
			out[count++] = candidate;
		}
	}
	return count;
}

static bool has_next(const struct source *source, const struct holding *holding) {
	return holding->trust == HOLDING_WATCHED && holding->is_ready &&
		(holding->read_ahead == NULL || is_due(source, holding));
}

size_t source_take_some(struct source *source, struct candidate **out, size_t max) {
	struct holding *holding, *first = TAILQ_FIRST(&source->holdings);
	bool has_more = false;
	size_t count = 0;

	wake_clear(source->take_fd);
	if (source->stopped || source->revoking || source_scope_is_doubted(source) || first == NULL)
		return 0;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		holding->is_ready = true;
		count += take_from(source, holding, out + count, max - count);
		has_more |= has_next(source, holding) && room_of(source, holding) > 0;
	}
	// Another one is first the next time.
	TAILQ_REMOVE(&source->holdings, first, link);
	TAILQ_INSERT_TAIL(&source->holdings, first, link);
	if (has_more)
		wake_ring(source->take_fd);
	return count;
}
