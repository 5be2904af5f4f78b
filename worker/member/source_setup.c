// SPDX-License-Identifier: MPL-2.0
// source_setup: what a source is told.
#include "worker/member/source_setup.h"

#include <string.h>

const char *source_setup_topic(const struct source_setup *setup, size_t index) {
	return index == 0 ? setup->topic : setup->retries[index - 1].topic;
}

int source_setup_find(const struct source_setup *setup, const char *topic) {
	for (size_t i = 0; i <= setup->retry_count; i++)
		if (strcmp(topic, source_setup_topic(setup, i)) == 0)
			return (int)i;
	return -1;
}

const char *source_setup_handover_topic(const struct source_setup *setup, size_t index) {
	if (index == SOURCE_GOAL_DEAD)
		return setup->dead_topic;
	if (index == SOURCE_GOAL_AUDIT)
		return setup->audit_topic;
	return index <= setup->tier_count ? setup->retries[index - 1].topic : NULL;
}
