// SPDX-License-Identifier: MPL-2.0
// topics_admin: looks at topics and makes them. Every call blocks up to its time limit. Thread: the owner's.
#pragma once

#include "common/kafka.h"
#include "common/topics.h"

#include <stdbool.h>

struct topics_admin; // opaque

struct topic_facts {
	int32_t partitions; // 0: there is no such topic
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

// 0 or a negative errno with words in topics_admin_error: -EACCES, -EAGAIN (no answer in time), -EINVAL (refused).
int topics_admin_count_brokers(struct topics_admin *admin, int *out);
int topics_admin_find(struct topics_admin *admin, const char *topic); // -ENOENT: there is none
int topics_admin_look(
	struct topics_admin *admin, const struct topic_plan *plan, struct topic_facts *out
);
int topics_admin_create(
	struct topics_admin *admin, const struct topic_plan *plan
); // 0 as well when it exists already
int topics_admin_grow(struct topics_admin *admin, const char *topic, int32_t partitions);
// Calls `visit` for each topic whose name begins with `start`, until it returns a negative errno, which is passed on.
int topics_admin_each(
	struct topics_admin *admin,
	const char *start,
	int (*visit)(void *ctx, const char *topic, int32_t partitions),
	void *ctx
);
const char *topics_admin_error(const struct topics_admin *admin);
