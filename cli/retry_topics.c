// SPDX-License-Identifier: MPL-2.0
// retry_topics: which retry topics a worker takes.
//
// Design notes
// - What was handed over with another --retry-delay stands in topics of other names. Every worker takes these too, each by the
//   delay that its name says, and hands over to its own only. So nobody has to empty them before the delay is changed.
#include "cli/retry_topics.h"

#include "cli/front.h"
#include "common/log.h"
#include "common/target.h"
#include "common/topics_admin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct search {
	const struct front *front;
	const struct kafka_options *kafka;
	struct retry_topics *found;
};

static int name_tiers(const struct search *search, int64_t delay_ms) {
	struct topic_tiers tiers = topic_tiers(delay_ms);
	struct retry_topics *found = search->found;
	int err = 0;

	*found = (struct retry_topics){.tiers = tiers.count, .count = tiers.count};
	for (size_t i = 0; i < tiers.count && err == 0; i++) {
		found->delay_ms[i] = tiers.delay_ms[i];
		err = topic_retry_name(
			search->kafka->topic_prefix,
			search->front->target->name,
			tiers.delay_ms[i],
			found->names[i],
			TOPIC_NAME_BYTES
		);
	}
	return err < 0 ? front_fail(err, "Kafka takes no topic of that name; check --topic-prefix")
		       : 0;
}

static void tell_missing(const struct search *search, const bool *is_missing) {
	const struct retry_topics *found = search->found;
	char command[TOPICS_COMMAND_BYTES];
	const char *word = "there is no topic";

	topics_command(
		search->kafka->topic_prefix, search->front->target->name, command, sizeof(command)
	);
	fprintf(stderr, "purgefleet: ");
	for (size_t i = 0; i < found->tiers; i++) {
		if (!is_missing[i])
			continue;
		fprintf(stderr, "%s '%s'", word, found->names[i]);
		word = ", nor";
	}
	fprintf(stderr,
		"; make what is missing: %s --retry-delay %g, or give the --retry-delay that the "
		"topics were made with\n",
		command,
		(double)found->delay_ms[0] / 1000);
}

static int check_tiers(const struct search *search, struct topics_admin *admin) {
	bool is_missing[TOPIC_TIERS_MAX] = {false};
	bool is_any_missing = false;

	for (size_t i = 0; i < search->found->tiers; i++) {
		int err = topics_admin_find(admin, search->found->names[i]);

		if (err < 0 && err != -ENOENT)
			return front_fail(err, topics_admin_error(admin));
		is_missing[i] = err == -ENOENT;
		is_any_missing |= is_missing[i];
	}
	if (!is_any_missing)
		return 0;
	tell_missing(search, is_missing);
	return -ENOENT;
}

static bool is_known(const struct retry_topics *found, const char *topic) {
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->names[i], topic) == 0)
			return true;
	return false;
}

static int take_other(void *ctx, const char *topic, int32_t partitions) {
	const struct search *search = ctx;
	struct retry_topics *found = search->found;
	int64_t delay_ms;

	(void)partitions;
	if (is_known(found, topic))
		return 0;
	if (topic_retry_delay(
		    search->kafka->topic_prefix, search->front->target->name, topic, &delay_ms
	    ) < 0) {
		LOG(search->front->log,
		    LOG_LEVEL_WARNING,
		    "the name of a retry topic says no delay; nothing of it is taken",
		    log_str("topic", topic));
		return 0;
	}
	if (found->count == SOURCE_RETRIES_MAX) {
		fprintf(stderr,
			"purgefleet: there are more than %d retry topics; delete those of old "
			"delays that nothing is left in\n",
			SOURCE_RETRIES_MAX);
		return -E2BIG;
	}
	snprintf(found->names[found->count], TOPIC_NAME_BYTES, "%s", topic);
	found->delay_ms[found->count++] = delay_ms;
	LOG(search->front->log,
	    LOG_LEVEL_INFO,
	    "what is left in a retry topic of another --retry-delay is taken too",
	    log_str("topic", topic));
	return 0;
}

static int take_others(struct search *search, struct topics_admin *admin) {
	char beginning[TOPIC_NAME_BYTES + 8];
	int err;

	snprintf(
		beginning,
		sizeof(beginning),
		"%s.%s.retry.",
		search->kafka->topic_prefix,
		search->front->target->name
	);
	err = topics_admin_each(admin, beginning, take_other, search);
	return err < 0 && err != -E2BIG ? front_fail(err, topics_admin_error(admin)) : err;
}

int retry_topics_find(
	struct retry_topics *out,
	const struct front *front,
	const struct kafka_options *kafka,
	int64_t delay_ms
) {
	struct search search = {.front = front, .kafka = kafka, .found = out};
	struct topics_admin *admin = NULL;
	char error[512];
	int err = name_tiers(&search, delay_ms);

	if (err < 0)
		return err;
	err = topics_admin_open(&admin, kafka, front->log, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	err = check_tiers(&search, admin);
	if (err == 0)
		err = take_others(&search, admin);
	topics_admin_close(admin);
	return err;
}
