// SPDX-License-Identifier: MPL-2.0
// lag_watch: how far the workers are behind what is published, looked at now and then; and whether
// they lose something by it.
// Thread: scan.
#pragma once

#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/retention.h"

#include <stdbool.h>
#include <stdint.h>

struct lag_watch {
	const struct kafka_options *kafka;
	const char *topic;
	int64_t retention_ms; // of the topic, as in retention.h
	struct kafka_opaque opaque;
	char group[KAFKA_NAME_BYTES]; // of the workers
	// Looks at their commits; NULL until needed.
	rd_kafka_t *consumer;
	int64_t lag; // at the last look; -1: unknown
	// Of the group, when it is known.
	bool has_commits;
	rd_kafka_resp_err_t unknown; // why; NO_ERROR: it is known
	char why[KAFKA_RIGHT_BYTES]; // words for it
	int64_t looked_ms; // 0: not in this pass
	// Published since that look, or not acknowledged at it.
	int64_t since;
	// When it was last asked how old the records are; 0: not in this pass.
	int64_t aged_ms;
	// What was told of old records, and of deleted ones.
	struct retention_notice near, gone, unsure;
};

// `kafka` and `topic` must outlive it.
void lag_watch_init(
	struct lag_watch *watch,
	const struct kafka_options *kafka,
	const char *target,
	const char *topic,
	int64_t retention_ms,
	struct log *log
);
void lag_watch_fini(struct lag_watch *watch);

void lag_watch_begin(struct lag_watch *watch); // a pass begins: nothing is known
void lag_watch_published(struct lag_watch *watch); // one message more
// Asks the brokers, for a few seconds at most, and sets watch->lag, or why it is unknown. Warns of
// records that were deleted before a worker took them, and of those that soon will be. on_way:
// messages that are not acknowledged, which the brokers may not count yet.
void lag_watch_look(struct lag_watch *watch, int32_t partitions, int64_t on_way);
// Is it known that the lag is below `most`, with all that is on its way?
bool lag_watch_is_below(const struct lag_watch *watch, int64_t most);
// From a look not long ago?
bool lag_watch_is_fresh(const struct lag_watch *watch);
