// SPDX-License-Identifier: MPL-2.0
// source_setup: what a source is told: its topics, its group, its limits. Pure. Thread: any.
#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/tiers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct candidate;
struct log;

enum { SOURCE_RETRIES_MAX = 16 };

struct source_retry { // a retry topic
	const char *topic;
	// How long each of its records waits.
	int64_t delay_ms;
	int64_t retention_ms; // as in retention.h
};

struct source_setup { // texts must outlive the source
	const struct kafka_options *kafka;
	struct log *log;
	const char *target; // records of others are dead letters
	const char *topic;
	// Of the candidates' topic, as in retention.h.
	int64_t retention_ms;
	struct source_retry retries[SOURCE_RETRIES_MAX];
	size_t retry_count;
	// The first ones, of rising delays: what is handed over goes there.
	size_t tier_count;
	const char *dead_topic;
	// What a fate has of an audit goes there; NULL: nowhere.
	const char *audit_topic;
	const char *group;
	// Are the topics still of our database, and is the replay still there? 0; -ESTALE: not so;
	// another negative errno: not known now; with words in `error`. Blocks for seconds. Called
	// on a thread of its own. NULL: nobody asks.
	int (*look_whose)(void *ctx, char *error, size_t error_bytes);
	void *look_ctx;
	// source_is_drained is asked: then it is said of what all members hold together.
	bool until_drained;
	const char *instance_id; // static membership; NULL: dynamic
	// Records in work or being handed over.
	size_t window;
	int64_t commit_every_ms;
	int64_t revoke_deadline_ms; // partitions are given back within
	// How long one record may hold up its partition.
	int64_t hold_up_ms;
	// Times that a candidate itself may fail before it is dead, the first included.
	int attempts;
	// How long after it was seen a postponed one is kept.
	int64_t life_ms;
	// Nothing but what it says is taken, and what fails goes to the dead letters at once; NULL:
	// this is no replay.
	const struct replay *replay;
	// Of a replay: is a candidate within what it is about? The others are passed over. NULL:
	// all are.
	bool (*is_wanted)(void *ctx, const struct candidate *candidate);
	void *wanted_ctx;
};

// The candidates' topic at 0, then the retry topics.
const char *source_setup_topic(const struct source_setup *setup, size_t index);
// Which of these it is; -1: none of them.
int source_setup_find(const struct source_setup *setup, const char *topic);
// Where records are handed over to: the dead letters, from 1 on the tiers, the audit.
enum { SOURCE_GOAL_DEAD, SOURCE_GOAL_AUDIT = 1 + TOPIC_TIERS_MAX, SOURCE_GOALS };
// NULL: there is none.
const char *source_setup_handover_topic(const struct source_setup *setup, size_t index);
