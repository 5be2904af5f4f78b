// SPDX-License-Identifier: MPL-2.0
// topics_admin: looks at topics and makes them. Every call blocks up to its time limit. Thread: the
// owner's.
#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/topics/topics.h"

#include <stdbool.h>

struct topics_admin; // opaque

struct topic_facts {
	// 0: there is no such topic, so nothing else is known.
	int32_t partitions;
	int32_t replication;
	struct topic_property properties[TOPIC_PROPERTIES_MAX]; // of the plan, as they are
};

// 0, -EINVAL with words, -ENOMEM. `options` must outlive it.
int topics_admin_open(
	struct topics_admin **out,
	const struct kafka_options *options,
	struct log *log,
	char *error,
	size_t error_bytes
);
void topics_admin_close(struct topics_admin *admin); // NULL is fine

// What is asked of the properties of one topic.
struct topic_reading {
	const char *topic;
	// The keys are given; a value is "" when there is no such property.
	struct topic_property *properties;
	size_t count;
	// There is no such topic; the values are "".
	bool is_missing;
};

// 0 or a negative errno with words in topics_admin_error: -EACCES, -EAGAIN (no answer in time),
// -EINVAL (refused).
int topics_admin_count_brokers(struct topics_admin *admin, int *out);
// -ENOENT: there is none; not an error that has words. `seen_by`: as in struct topic_plan.
int topics_admin_find(struct topics_admin *admin, const char *topic, const char *seen_by);
// Reads all of them, at most TOPIC_READINGS_MAX, by one question.
enum { TOPIC_READINGS_MAX = 32 };
int topics_admin_read(struct topics_admin *admin, struct topic_reading *readings, size_t count);
// Asks for the right to read the properties also of a topic that does not exist.
int topics_admin_look(
	struct topics_admin *admin, const struct topic_plan *plan, struct topic_facts *out
);
// 0 as well when it exists already.
int topics_admin_create(struct topics_admin *admin, const struct topic_plan *plan);
int topics_admin_grow(struct topics_admin *admin, const char *topic, int32_t partitions);
// Calls `visit` for each topic that we may Describe and whose name begins with `start`, until it
// returns a negative errno, which is passed on.
int topics_admin_each(
	struct topics_admin *admin,
	const char *start,
	int (*visit)(void *ctx, const char *topic, int32_t partitions),
	void *ctx
);
const char *topics_admin_error(const struct topics_admin *admin);
