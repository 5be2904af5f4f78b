// SPDX-License-Identifier: MPL-2.0
// decode_topic: reads a topic to the end that it has when the reading begins.
#include "cli/topics/decode_topic.h"

#include "cli/front/front.h"
#include "common/kafka/kafka_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 15 * 1000 };

// Names the topics that are there, of those with our prefix.
static int tell_missing(const struct decode_topic_setup *setup, rd_kafka_t *handle) {
	const char *prefix = setup->kafka->topic_prefix;
	const struct rd_kafka_metadata *metadata = NULL;
	const char *before = "; there are: ";

	fprintf(stderr, "purgefleet: there is no topic '%s'", setup->topic);
	if (rd_kafka_metadata(handle, 1, NULL, &metadata, ANSWER_MS) ==
	    RD_KAFKA_RESP_ERR_NO_ERROR) {
		for (int i = 0; i < metadata->topic_cnt; i++) {
			const char *name = metadata->topics[i].topic;

			if (strncmp(name, prefix, strlen(prefix)) != 0)
				continue;
			fprintf(stderr, "%s%s", before, name);
			before = ", ";
		}
		rd_kafka_metadata_destroy(metadata);
	}
	fputc('\n', stderr);
	return -ENOENT;
}

// Nothing to tell when there are no words: it was the reader of the records that ended it.
static int tell_failure(
	const struct decode_topic_setup *setup, int err, struct kafka_reader *reader
) {
	if (err == -ENOENT)
		return tell_missing(setup, kafka_reader_handle(reader));
	if (kafka_reader_error(reader)[0] != '\0')
		fprintf(stderr,
			"purgefleet: cannot read topic '%s': %s\n",
			setup->topic,
			kafka_reader_error(reader));
	return err;
}

int decode_topic(const struct decode_topic_setup *setup) {
	const struct kafka_reading reading = {
		.partition = setup->partition,
		.from = setup->from,
		.quiet_ms = ANSWER_MS,
		.timeout_ms = INT64_MAX,
		.show = setup->show,
		.ctx = setup->ctx,
	};
	const struct kafka_reader_setup reader_setup = {
		.kafka = setup->kafka, .topic = setup->topic, .log = setup->log};
	struct kafka_reader *reader = NULL;
	char error[512] = "out of memory";
	int err = kafka_reader_open(&reader, &reader_setup, error, sizeof(error));

	if (err < 0)
		return front_fail(err, error);
	err = kafka_reader_read(reader, &reading);
	if (err < 0)
		err = tell_failure(setup, err, reader);
	kafka_reader_close(reader);
	return err;
}
