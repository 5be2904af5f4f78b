// SPDX-License-Identifier: MPL-2.0
// topics: the topics of a target: their names, how they are made, and the layout that all processes
// share. Pure.
// Thread: any.
#pragma once

#include "common/pack/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum topic_kind {
	TOPIC_CANDIDATES,
	TOPIC_RETRY,
	TOPIC_DEAD,
	TOPIC_AUDIT, // only where it is wanted
	TOPIC_STATE,
	TOPIC_KINDS
};

enum { TOPIC_NAME_BYTES = 250, TOPIC_PROPERTIES_MAX = 7 };

// "purge.fruit", "purge.fruit.dead", "purge.fruit.audit", "purge.fruit.state". 0; -EINVAL: Kafka
// takes no such name.
int topic_name(
	enum topic_kind kind, const char *prefix, const char *target, char *out, size_t out_bytes
);
// "purge.fruit.retry.1m": the delay belongs to the name, so that no two workers can wait for a
// different time on one topic.
int topic_retry_name(
	const char *prefix, const char *target, int64_t delay_ms, char *out, size_t out_bytes
);

enum { TOPICS_COMMAND_BYTES = TOPIC_NAME_BYTES + 64 };

// The delay that such a name says. 0; -EINVAL: it is none of this prefix and target.
int topic_retry_delay(const char *prefix, const char *target, const char *name, int64_t *delay_ms);

// What is said of one that is missing, before the command that makes it.
#define TOPIC_MISSING "it does not exist; make it"

// What such a command has behind it to make the topic of the audit.
#define TOPICS_AUDIT_WORDS " --audit-retention 365d"

// The command that makes the topics, to be shown to the operator.
void topics_command(const char *prefix, const char *target, char *out, size_t out_bytes);

#define RETENTION_KEY "retention.ms"
#define TOPICS_RETENTION "7d" // what --retention of `topics create` is when it is not given
enum { TOPICS_RETENTION_S = 7 * 24 * 60 * 60 }; // the same

struct topics_wish {
	// Of the candidates and of the retries.
	int32_t partitions;
	int32_t replication;
	// Of the one retry topic that is planned.
	int64_t retry_delay_ms;
	int64_t retry_retention_ms;
	int64_t retention_ms; // of the candidates
	int64_t dead_retention_ms;
	int64_t audit_retention_ms;
};

struct topic_property {
	const char *key;
	char value[32];
	// A number that may be exceeded, and that a new topic is not given.
	bool is_least;
};

struct topic_plan {
	char name[TOPIC_NAME_BYTES];
	int32_t partitions;
	int32_t replication;
	struct topic_property properties[TOPIC_PROPERTIES_MAX];
	size_t property_count;
	// The right that whoever works with it has, and Describe with that.
	const char *seen_by;
	// The property that an option such as --retention is about, or NULL.
	const char *retention;
};

// How a topic is to be. 0, -EINVAL (name).
int topic_plan(
	struct topic_plan *out,
	enum topic_kind kind,
	const char *prefix,
	const char *target,
	const struct topics_wish *wish
);

// Is a property, as it is, what the plan has?
bool topic_property_is_met(const struct topic_property *wish, const char *value);

#define TOPIC_POLICY "cleanup.policy"
// What becomes of records when a topic of this kind has such a cleanup.policy ("Kafka would drop
// candidates"); NULL: no harm. "": it has none that we know.
const char *topic_policy_harm(enum topic_kind kind, const char *policy);

// The command that sets a property of a topic, to be shown to the operator.
enum { TOPIC_SET_COMMAND_BYTES = TOPIC_NAME_BYTES + 200 };
void topic_set_command(
	const char *topic, const char *key, const char *value, char *out, size_t out_bytes
);

// What is fixed when the topics are made, kept in the state topic.
#define LAYOUT_KEY "layout"
enum { LAYOUT_SCOPE_BYTES = 160 };

struct layout {
	int64_t range_width;
	// Names the database that the candidates come from; "": not bound yet.
	char scope[LAYOUT_SCOPE_BYTES];
};

// 0 or an error as pack_data.
int layout_pack(
	const struct layout *layout, struct pack *pack, const unsigned char **data, size_t *len
);
int layout_unpack(struct layout *out, const void *bytes, size_t len); // 0, -EBADMSG, -ENOMEM
