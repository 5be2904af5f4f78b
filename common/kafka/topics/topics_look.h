// SPDX-License-Identifier: MPL-2.0
// topics_look: which topics there are, and how they are. Every call blocks up to its time limit.
// Thread: the owner's.
#pragma once

#include "common/kafka/topics/topics_admin.h"

struct topic_facts {
	// 0: there is no such topic, so nothing else is known.
	int32_t partitions;
	int32_t replication;
	struct topic_property properties[TOPIC_PROPERTIES_MAX]; // of the plan, as they are
};

// 0 or a negative errno with words in topics_admin_error: -EACCES, -EAGAIN (no answer in time),
// -EINVAL (refused).
int topics_look_count_brokers(struct topics_admin *admin, int *out);
// -ENOENT: there is none; not an error that has words. `seen_by`: as in struct topic_plan.
int topics_look_find(struct topics_admin *admin, const char *topic, const char *seen_by);
// Asks for the right to read the properties also of a topic that does not exist.
int topics_look_at(
	struct topics_admin *admin, const struct topic_plan *plan, struct topic_facts *out
);
// Calls `visit` for each topic that we may Describe and whose name begins with `start`, until it
// returns a negative errno, which is passed on.
int topics_look_each(
	struct topics_admin *admin,
	const char *start,
	int (*visit)(void *ctx, const char *topic, int32_t partitions),
	void *ctx
);

// 0 partitions: there is no such topic. 0, or as topics_admin_fail.
int topics_look_at_partitions(
	struct topics_admin *admin, const char *name, const char *seen_by, struct topic_facts *out
);
