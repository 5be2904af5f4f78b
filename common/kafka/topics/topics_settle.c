// SPDX-License-Identifier: MPL-2.0
// topics_settle: waits until all brokers know what one of them has made.
//
// Design notes
// - Brokers learn of a new topic one after the other. Whoever comes next, another handle or another
//   command, may ask any of them, and would hear that the topic does not exist.
// - Metadata cannot be asked of a broker that we choose, the properties of a topic can, and only a
//   broker that knows the topic has them.
#include "common/kafka/topics/topics_settle.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/topics/topics_look.h"

#include <errno.h>
#include <stdio.h>

enum { SETTLE_MS = 15 * 1000, ASK_MS = 5 * 1000, LOOK_AGAIN_MS = 20 };

static const struct topics_act act_see = {.verb = "see", .operation = "Describe"};

static rd_kafka_AdminOptions_t *options_for(struct topics_admin *admin, int32_t broker) {
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
		admin->handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS
	);

	rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, NULL, 0);
	rd_kafka_AdminOptions_set_broker(options, broker, NULL, 0);
	return options;
}

static rd_kafka_resp_err_t answer_of(rd_kafka_event_t *event) {
	const rd_kafka_ConfigResource_t **found;
	size_t count = 0;

	if (event == NULL)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return rd_kafka_event_error(event);
	found = rd_kafka_DescribeConfigs_result_resources(
		rd_kafka_event_DescribeConfigs_result(event), &count
	);
	return count == 1 ? rd_kafka_ConfigResource_error(found[0]) : RD_KAFKA_RESP_ERR__FAIL;
}

// Does this broker know the topic?
static rd_kafka_resp_err_t ask(struct topics_admin *admin, const char *name, int32_t broker) {
	rd_kafka_ConfigResource_t *topic = rd_kafka_ConfigResource_new(
		RD_KAFKA_RESOURCE_TOPIC, name
	);
	rd_kafka_AdminOptions_t *options = options_for(admin, broker);
	rd_kafka_event_t *event;
	rd_kafka_resp_err_t err;

	rd_kafka_DescribeConfigs(admin->handle, &topic, 1, options, admin->queue);
	event = topics_admin_wait_for(admin, RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT);
	err = answer_of(event);
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_ConfigResource_destroy(topic);
	return err;
}

static int fail_at(
	struct topics_admin *admin, const char *name, int32_t broker, rd_kafka_resp_err_t err
) {
	char why[KAFKA_SILENCE_BYTES + 128], silence[KAFKA_SILENCE_BYTES];

	snprintf(
		why,
		sizeof(why),
		"broker %d does not know it yet (%s); look at that broker, then run the command "
		"again",
		(int)broker,
		kafka_error_words(admin->handle, err, silence)
	);
	return topics_admin_fail_at(admin, &act_see, name, err, why);
}

static int settle_at(
	struct topics_admin *admin, const char *name, int32_t broker, int64_t deadline_ms
) {
	for (;;) {
		rd_kafka_resp_err_t err = ask(admin, name, broker);
		enum kafka_class class = kafka_classify(err);

		// This broker's rights lag: it cannot be waited for.
		if (class == KAFKA_OK || class == KAFKA_DENIED)
			return 0;
		if (clock_mono_ms() > deadline_ms ||
		    (class != KAFKA_RETRY && class != KAFKA_MISSING))
			return fail_at(admin, name, broker, err);
		rd_kafka_poll(admin->handle, LOOK_AGAIN_MS);
	}
}

static int settle_everywhere(struct topics_admin *admin, const char *name, int64_t deadline_ms) {
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t listed = rd_kafka_metadata(admin->handle, 0, NULL, &metadata, ASK_MS);
	int err = 0;

	if (listed != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topics_admin_fail(admin, "list the brokers", listed);
	for (int i = 0; i < metadata->broker_cnt && err == 0; i++)
		err = settle_at(admin, name, metadata->brokers[i].id, deadline_ms);
	rd_kafka_metadata_destroy(metadata);
	return err;
}

int topics_settle(struct topics_admin *admin, const char *name, int32_t partitions) {
	int64_t deadline_ms = clock_mono_ms() + SETTLE_MS;
	struct topic_facts facts = {.partitions = 0};

	for (;;) {
		int err = topics_look_at_partitions(admin, name, act_see.operation, &facts);

		if (err == 0 && facts.partitions >= partitions)
			return settle_everywhere(admin, name, deadline_ms);
		if (err == -EACCES)
			return err;
		if (clock_mono_ms() > deadline_ms)
			return err < 0
				? err
				: topics_admin_fail_at(
					  admin, &act_see, name, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL
				  );
		rd_kafka_poll(admin->handle, LOOK_AGAIN_MS);
	}
}
