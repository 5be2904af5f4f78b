// SPDX-License-Identifier: MPL-2.0
// topics_keep: do topics keep what is put into them?
#include "cli/topics/topics_keep.h"

#include "common/base/log.h"
#include "common/kafka/topics/retention.h"
#include "common/kafka/topics/topics.h"
#include "common/kafka/topics/topics_properties.h"

#include <errno.h>
#include <stdio.h>

enum { POLICY, RETENTION }; // among the settings

int topics_keep_read(struct topics_admin *admin, struct topics_keep *topics, size_t count) {
	struct topic_reading readings[TOPIC_READINGS_MAX];
	int err;

	for (size_t i = 0; i < count; i++) {
		struct topic_property *settings = topics[i].settings;

		settings[POLICY].key = TOPIC_POLICY;
		for (size_t j = 0; j < TOPICS_HARM_KEYS; j++)
			settings[RETENTION + j].key = topics_harm_keys[j];
		readings[i] = (struct topic_reading
		){.topic = topics[i].topic, .properties = settings, .count = TOPICS_KEEP_SETTINGS};
	}
	err = topics_properties_read(admin, readings, count);
	for (size_t i = 0; i < count && err == 0; i++)
		topics[i].is_missing = readings[i].is_missing;
	return err;
}

static int judge_one(const struct topics_keep *topic) {
	const char *policy = topic->settings[POLICY].value;
	const char *harm = topic_policy_harm(topic->kind, policy);
	char command[TOPIC_SET_COMMAND_BYTES];

	if (harm == NULL)
		return 0;
	topic_set_command(
		topic->topic,
		TOPIC_POLICY,
		topic->kind == TOPIC_STATE ? "compact" : "delete",
		command,
		sizeof(command)
	);
	fprintf(stderr,
		"purgefleet: " TOPIC_POLICY " of '%s' is '%s': %s; change it: %s\n",
		topic->topic,
		policy,
		harm,
		command);
	return -EPERM;
}

int topics_keep_judge(const struct topics_keep *topics, size_t count) {
	int err = 0;

	for (size_t i = 0; i < count; i++)
		if (!topics[i].is_missing && judge_one(&topics[i]) < 0)
			err = -EPERM;
	return err;
}

static void warn_of(
	struct log *log, const struct topics_keep *topic, const struct topic_property *setting
) {
	const char *harm = topics_harm(topic->kind, topic->delay_ms, setting->key, setting->value);
	char command[TOPIC_SET_COMMAND_BYTES];

	if (harm == NULL)
		return;
	topics_harm_command(
		topic->topic,
		topic->delay_ms,
		setting->key,
		setting->value,
		command,
		sizeof(command)
	);
	LOG(log,
	    LOG_LEVEL_WARNING,
	    "a topic is set so that records may be lost or come at the wrong time",
	    log_str("topic", topic->topic),
	    log_str("setting", setting->key),
	    log_str("value", setting->value),
	    log_str("harm", harm),
	    log_str("change_it", command));
}

void topics_keep_warn(struct log *log, const struct topics_keep *topics, size_t count) {
	for (size_t i = 0; i < count; i++)
		for (size_t j = RETENTION; j < TOPICS_KEEP_SETTINGS && !topics[i].is_missing; j++)
			warn_of(log, &topics[i], &topics[i].settings[j]);
}

int64_t topics_keep_ms(const struct topics_keep *topic) {
	return retention_read(topic->settings[RETENTION].value);
}
