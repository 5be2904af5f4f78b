// SPDX-License-Identifier: MPL-2.0
// retry_topic: is the retry topic of a worker's delay there?
#include "cli/retry_topic.h"

#include "cli/front.h"
#include "common/target.h"
#include "common/topics.h"
#include "common/topics_admin.h"

#include <errno.h>
#include <stdio.h>

static void tell_missing(
	const struct front *front,
	const struct kafka_options *kafka,
	const char *topic,
	int64_t delay_ms
) {
	char command[TOPICS_COMMAND_BYTES];

	topics_command(kafka->topic_prefix, front->target->name, command, sizeof(command));
	fprintf(stderr,
		"purgefleet: there is no topic '%s'; make it: %s --retry-delay %g, or give the "
		"--retry-delay that the topics were made with\n",
		topic,
		command,
		(double)delay_ms / 1000);
}

int retry_topic_check(
	const struct front *front,
	const struct kafka_options *kafka,
	const char *topic,
	int64_t delay_ms
) {
	struct topics_admin *admin = NULL;
	char error[512];
	int err = topics_admin_open(&admin, kafka, front->log, error, sizeof(error));

	if (err < 0)
		return front_fail(err, error);
	err = topics_admin_find(admin, topic);
	if (err == -ENOENT)
		tell_missing(front, kafka, topic, delay_ms);
	else if (err < 0)
		front_fail(err, topics_admin_error(admin));
	topics_admin_close(admin);
	return err;
}
