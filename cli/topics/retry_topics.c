// SPDX-License-Identifier: MPL-2.0
// retry_topics: which retry topics a worker takes.
//
// Design notes
// - What was handed over with other tiers stands in topics of other names. Every worker takes these
//   too, each by the delay that its name says, and hands over to its own only. So nobody has to
//   empty them before the tiers are changed.
#include "cli/topics/retry_topics.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int retry_topics_name(
	struct retry_topics *out,
	const char *prefix,
	const char *target,
	const struct topic_tiers *tiers
) {
	int err = 0;

	*out = (struct retry_topics){.tiers = tiers->count, .count = tiers->count};
	for (size_t i = 0; i < tiers->count && err == 0; i++) {
		out->delay_ms[i] = tiers->delay_ms[i];
		err = topic_retry_name(
			prefix, target, tiers->delay_ms[i], out->names[i], TOPIC_NAME_BYTES
		);
	}
	return err;
}

static bool is_known(const struct retry_topics *topics, const char *topic) {
	for (size_t i = 0; i < topics->count; i++)
		if (strcmp(topics->names[i], topic) == 0)
			return true;
	return false;
}

int retry_topics_take(
	struct retry_topics *topics,
	const char *prefix,
	const char *target,
	const char *topic,
	struct log *log
) {
	int64_t delay_ms;

	if (is_known(topics, topic))
		return 0;
	if (topic_retry_delay(prefix, target, topic, &delay_ms) < 0) {
		LOG(log,
		    LOG_LEVEL_WARNING,
		    "the name of a retry topic says no delay; nothing of it is taken",
		    log_str("topic", topic));
		return 0;
	}
	if (topics->count == SOURCE_RETRIES_MAX) {
		fprintf(stderr,
			"purgefleet: there are more than %d retry topics; delete those of old "
			"delays that nothing is left in\n",
			SOURCE_RETRIES_MAX);
		return -E2BIG;
	}
	snprintf(topics->names[topics->count], TOPIC_NAME_BYTES, "%s", topic);
	topics->delay_ms[topics->count++] = delay_ms;
	LOG(log,
	    LOG_LEVEL_INFO,
	    "what is left in a retry topic that is no tier any more is taken too",
	    log_str("topic", topic));
	return 0;
}
