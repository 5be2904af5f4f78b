// SPDX-License-Identifier: MPL-2.0
// age: are records taken in time, before the topic deletes them?
//
// Design notes
// - Of the candidates a producer sees it too; of the retry topics only who takes their records
//   does.
// - Our own clock is good enough for hours and days.
#include "worker/inquiry/age.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/topics/topics.h"

struct terms { // of a topic
	int64_t delay_ms;
	int64_t retention_ms;
};

static struct terms terms_of(const struct source_setup *setup, size_t index) {
	if (index == 0)
		return (struct terms){0, setup->retention_ms};
	return (struct terms){
		setup->retries[index - 1].delay_ms, setup->retries[index - 1].retention_ms};
}

void age_look(struct age *age, const struct holding *holding, const rd_kafka_message_t *message) {
	size_t index = holding_topic_index(holding);
	struct terms terms = terms_of(age->setup, index);
	int64_t since_ms = rd_kafka_message_timestamp(message, NULL);
	int64_t age_ms = clock_wall_ms() - since_ms;
	char command[TOPIC_SET_COMMAND_BYTES];

	if (since_ms < 0 || !retention_is_near(terms.retention_ms, age_ms) ||
	    !retention_notice_take(&age->told[index], clock_mono_ms()))
		return;
	retention_command(
		holding->topic, terms.retention_ms, terms.delay_ms, command, sizeof(command)
	);
	LOG(age->setup->log,
	    LOG_LEVEL_WARNING,
	    "records are taken late and would soon be deleted; start more workers, or keep records "
	    "longer",
	    log_str("topic", holding->topic),
	    log_int("age_s", age_ms / 1000),
	    log_int("kept_s", terms.retention_ms / 1000),
	    log_str("keep_longer", command));
}

void age_tell_deleted(const struct age *age, size_t index, int64_t records) {
	const char *topic = source_setup_topic(age->setup, index);
	struct terms terms = terms_of(age->setup, index);
	bool is_known = terms.retention_ms > 0;
	char command[TOPIC_SET_COMMAND_BYTES];

	retention_command(topic, terms.retention_ms, terms.delay_ms, command, sizeof(command));
	LOG(age->setup->log,
	    LOG_LEVEL_WARNING,
	    "records were deleted before they could be taken; a full pass finds their rows again; "
	    "start more workers, or keep records longer",
	    log_str("topic", topic),
	    log_int("records", records),
	    is_known ? log_int("kept_s", terms.retention_ms / 1000) : log_str("kept_s", NULL),
	    log_str("keep_longer", is_known ? command : NULL));
}
