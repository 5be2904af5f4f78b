// SPDX-License-Identifier: MPL-2.0
// decode_topic: reads a topic to the end that it has when the reading begins.
//
// Design notes
// - The ends are looked up first. To stop at the reader's own "end of partition" is not enough: a partition that is written
//   to tells its end again and again, while another one is still being read.
// - The last offset of a partition may be none that is ever shown (the end of a transaction), so a partition is finished at
//   its own "end of partition" too: the reader cannot tell that before it is past the end that was looked up.
#include "cli/decode_topic.h"

#include "cli/front.h"
#include "common/clock.h"
#include "common/kafka_lag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { POLL_MS = 100, ANSWER_MS = 15 * 1000, QUIET_MS = 15 * 1000 };

struct reading {
	const struct decode_topic_setup *setup;
	rd_kafka_t *reader;
	rd_kafka_topic_partition_list_t *unfinished; // offset: the end
	bool is_enough;
};

static int open_reader(struct reading *reading) {
	rd_kafka_conf_t *conf = NULL;
	char error[512];
	int err = kafka_conf_new(
		&conf,
		reading->setup->kafka,
		KAFKA_READER,
		reading->setup->opaque,
		NULL,
		error,
		sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	reading->reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	if (reading->reader == NULL) {
		rd_kafka_conf_destroy(conf);
		return front_fail(-EINVAL, error);
	}
	err = kafka_greet(reading->reader, ANSWER_MS);
	if (err < 0)
		return front_fail(err, kafka_trouble(reading->reader));
	rd_kafka_poll_set_consumer(reading->reader);
	return 0;
}

// Names the topics that are there, of those with our prefix.
static int tell_missing(struct reading *reading) {
	const char *prefix = reading->setup->kafka->topic_prefix;
	const struct rd_kafka_metadata *metadata = NULL;
	const char *before = "; there are: ";

	fprintf(stderr, "purgefleet: there is no topic '%s'", reading->setup->topic);
	if (rd_kafka_metadata(reading->reader, 1, NULL, &metadata, ANSWER_MS) ==
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

static int look_at_ends(struct reading *reading) {
	const struct decode_topic_setup *setup = reading->setup;
	rd_kafka_topic_partition_list_t *list = reading->unfinished;
	int32_t partitions = 0;
	int err = kafka_partition_count(reading->reader, setup->topic, ANSWER_MS, &partitions);

	if (err == -ENOENT)
		return tell_missing(reading);
	if (err < 0)
		return front_fail(err, "cannot read the topic's metadata");
	if (setup->partition >= partitions)
		return front_fail(-ENOENT, "no such partition");
	for (int32_t i = 0; i < partitions; i++)
		if (setup->partition < 0 || setup->partition == i)
			rd_kafka_topic_partition_list_add(list, setup->topic, i);
	err = kafka_ends(reading->reader, list, ANSWER_MS);
	return err < 0 ? front_fail(err, "cannot find out where the topic ends") : 0;
}

static void finish(struct reading *reading, int32_t partition) {
	rd_kafka_topic_partition_list_del(reading->unfinished, reading->setup->topic, partition);
}

// Leaves out the partitions that have nothing to show.
static int assign(struct reading *reading) {
	const struct decode_topic_setup *setup = reading->setup;
	rd_kafka_topic_partition_list_t *starts = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t failed;

	for (int i = reading->unfinished->cnt - 1; i >= 0; i--) {
		rd_kafka_topic_partition_t end = reading->unfinished->elems[i];

		if (setup->from >= end.offset)
			finish(reading, end.partition);
		else
			rd_kafka_topic_partition_list_add(starts, setup->topic, end.partition)
				->offset =
				setup->from == 0 ? RD_KAFKA_OFFSET_BEGINNING : setup->from;
	}
	failed = rd_kafka_assign(reading->reader, starts);
	rd_kafka_topic_partition_list_destroy(starts);
	return failed == RD_KAFKA_RESP_ERR_NO_ERROR ? 0
						    : front_fail(-EIO, rd_kafka_err2str(failed));
}

static int take(struct reading *reading, const rd_kafka_message_t *message) {
	const rd_kafka_topic_partition_t *end;

	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		finish(reading, message->partition);
		return 0;
	}
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_classify(message->err) == KAFKA_RETRY
			? 0
			: front_fail(-EIO, rd_kafka_message_errstr(message));
	end = rd_kafka_topic_partition_list_find(
		reading->unfinished, reading->setup->topic, message->partition
	);
	if (end == NULL)
		return 0; // came after the reading began
	if (message->offset < end->offset)
		reading->is_enough = !reading->setup->show(reading->setup->ctx, message);
	if (message->offset + 1 >= end->offset)
		finish(reading, message->partition);
	return 0;
}

static int read_all(struct reading *reading) {
	int64_t heard_ms = clock_mono_ms();
	int err = 0;

	while (err == 0 && !reading->is_enough && reading->unfinished->cnt > 0) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(reading->reader, POLL_MS);

		if (message != NULL) {
			heard_ms = clock_mono_ms();
			err = take(reading, message);
			rd_kafka_message_destroy(message);
		} else if (clock_mono_ms() - heard_ms > QUIET_MS) {
			err = front_fail(-EAGAIN, "the brokers do not answer");
		}
	}
	return err;
}

int decode_topic(const struct decode_topic_setup *setup) {
	struct reading reading = {
		.setup = setup,
		.unfinished = rd_kafka_topic_partition_list_new(0),
	};
	int err = open_reader(&reading);

	if (err == 0)
		err = look_at_ends(&reading);
	if (err == 0)
		err = assign(&reading);
	if (err == 0)
		err = read_all(&reading);
	rd_kafka_topic_partition_list_destroy(reading.unfinished);
	if (reading.reader != NULL)
		rd_kafka_destroy(reading.reader);
	return err;
}
