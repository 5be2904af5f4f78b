// SPDX-License-Identifier: MPL-2.0
// holdings: the partitions that we hold.
#include "worker/member/holdings.h"

#include "common/base/wake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void holdings_init(struct holdings *holdings) {
	*holdings = (struct holdings){.count = 0};
	TAILQ_INIT(&holdings->list);
	TAILQ_INIT(&holdings->revoked);
}

static struct holding *hold(
	rd_kafka_t *consumer, const struct holding_place *place, uint64_t epoch
) {
	struct holding *holding = calloc(1, sizeof(*holding));

	if (holding == NULL ||
	    claim_init(&holding->claim, epoch, place->partition, place->index > 0) < 0) {
		free(holding);
		return NULL;
	}
	claim_limit(&holding->claim, place->start, place->end);
	holding->retry = place->index > 0 ? place->index - 1 : 0;
	holding->topic = place->topic;
	holding->queue = rd_kafka_queue_get_partition(consumer, place->topic, place->partition);
	if (holding->queue == NULL) {
		claim_fini(&holding->claim);
		free(holding);
		return NULL;
	}
	holding->is_ready = true;
	holding->last.offset = holding->proven.offset = -1;
	return holding;
}

int holdings_add(
	struct holdings *holdings,
	rd_kafka_t *consumer,
	const struct holding_place *place,
	uint64_t epoch,
	int take_fd
) {
	struct holding *holding = hold(consumer, place, epoch);

	if (holding == NULL)
		return -ENOMEM;
	rd_kafka_queue_forward(holding->queue, NULL);
	rd_kafka_queue_io_event_enable(holding->queue, take_fd, &wake_word, sizeof(wake_word));
	TAILQ_INSERT_TAIL(&holdings->list, holding, link);
	holdings->count++;
	holdings->candidate_count += place->index == 0;
	return 0;
}

static void release(struct holdings *holdings, struct holding *holding) {
	TAILQ_REMOVE(&holdings->revoked, holding, link);
	claim_fini(&holding->claim);
	free(holding);
}

void holdings_release(struct holdings *holdings, struct holding *holding) {
	if (claim_is_free(&holding->claim) && holding->queue == NULL)
		release(holdings, holding);
}

static void forget(struct holdings *holdings, struct holding *holding) {
	size_t lent = holding->claim.lent - holding->claim.parked;

	TAILQ_REMOVE(&holdings->list, holding, link);
	holdings->count--;
	holdings->candidate_count -= !holding->claim.is_retry;
	holdings->lent -= lent;
	holdings->lent_again -= holding->claim.is_retry ? lent : 0;
	holding_drop_read_ahead(holding);
	rd_kafka_queue_io_event_enable(holding->queue, -1, NULL, 0);
	rd_kafka_queue_destroy(holding->queue);
	holding->queue = NULL;
	TAILQ_INSERT_TAIL(&holdings->revoked, holding, link);
	holdings_release(holdings, holding);
}

void holdings_forget(struct holdings *holdings) {
	struct holding *holding = TAILQ_FIRST(&holdings->list);

	while (holding != NULL) {
		struct holding *next = TAILQ_NEXT(holding, link);

		forget(holdings, holding);
		holding = next;
	}
}

void holdings_fini(struct holdings *holdings) {
	struct holding *holding = TAILQ_FIRST(&holdings->revoked);

	while (holding != NULL) {
		struct holding *next = TAILQ_NEXT(holding, link);

		release(holdings, holding);
		holding = next;
	}
}

struct holding *holdings_find(
	const struct holdings *holdings, const rd_kafka_topic_partition_t *partition
) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &holdings->list, link) {
		if (holding->claim.partition == partition->partition &&
		    strcmp(holding->topic, partition->topic) == 0)
			return holding;
	}
	return NULL;
}

bool holdings_has(const struct holdings *holdings, const char *topic) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &holdings->list, link) {
		if (holding->topic == topic)
			return true;
	}
	return false;
}

size_t holding_topic_index(const struct holding *holding) {
	return holding->claim.is_retry ? 1 + holding->retry : 0;
}

struct source_mark holding_mark_of(const rd_kafka_message_t *message) {
	return (struct source_mark){
		.offset = message->offset,
		.stamp_ms = rd_kafka_message_timestamp(message, NULL),
		.bytes = message->len,
	};
}

void holding_note_taken(struct holding *holding, const rd_kafka_message_t *message) {
	holding->last = holding_mark_of(message);
	if (holding->proven.offset < 0)
		holding->proven = holding->last;
}

void holding_drop_read_ahead(struct holding *holding) {
	if (holding->read_ahead != NULL)
		rd_kafka_message_destroy(holding->read_ahead);
	holding->read_ahead = NULL;
}
