// SPDX-License-Identifier: MPL-2.0
// topics_properties: reads what is set for topics. Blocks up to its time limit. Thread: the
// owner's.
#pragma once

#include "common/kafka/topics/topics_admin.h"

// What is asked of the properties of one topic.
struct topic_reading {
	const char *topic;
	// The keys are given; a value is "" when there is no such property.
	struct topic_property *properties;
	size_t count;
	// There is no such topic; the values are "".
	bool is_missing;
};

// Reads all of them, at most TOPIC_READINGS_MAX, by one question.
enum { TOPIC_READINGS_MAX = 32 };
int topics_properties_read(
	struct topics_admin *admin, struct topic_reading *readings, size_t count
);
