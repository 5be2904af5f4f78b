// SPDX-License-Identifier: MPL-2.0
// decode: shows records as JSON, one a line: those of a topic, or encoded values from a file or standard input.
#include "cli/command.h"
#include "cli/front.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/pack.h"
#include "common/pack_json.h"
#include "common/pack_scan.h"
#include "common/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100, ANSWER_MS = 15 * 1000, QUIET_MS = 15 * 1000 };

struct decode_options { // filled by conf
	char *file;
	char *topic;
	int64_t partition;
	int64_t from;
	int64_t count;
};

#define AT(field) offsetof(struct decode_options, field)

static const struct conf_row rows[] = {
	{.name = "file",
	 .kind = CONF_STRING,
	 .offset = AT(file),
	 .meta = "FILE",
	 .help = "encoded values one behind the other; - is standard input"},
	{.name = "topic",
	 .kind = CONF_STRING,
	 .offset = AT(topic),
	 .meta = "NAME",
	 .help = "the topic to read to its present end"},
	{.name = "partition",
	 .kind = CONF_INT,
	 .offset = AT(partition),
	 .fallback = "-1",
	 .meta = "N",
	 .min = -1,
	 .max = 1e6,
	 .help = "only this one; -1: all"},
	{.name = "from",
	 .kind = CONF_INT,
	 .offset = AT(from),
	 .fallback = "0",
	 .meta = "OFFSET",
	 .min = 0,
	 .max = 9e18,
	 .help = "the first offset"},
	{.name = "count",
	 .kind = CONF_INT,
	 .offset = AT(count),
	 .fallback = "0",
	 .meta = "N",
	 .min = 0,
	 .max = 9e18,
	 .help = "at most so many; 0: all"},
};

struct decode {
	struct decode_options options;
	struct kafka_options kafka;
	struct kafka_opaque opaque;
	struct front_log log_options;
	struct conf *conf;
	rd_kafka_t *reader;
	struct buf line;
	int64_t shown;
	int32_t ends_left; // partitions whose end was not seen yet
};

// --- one line

static void add_hex(struct buf *line, const unsigned char *bytes, size_t len) {
	buf_str(line, "\"");
	for (size_t i = 0; i < len; i++)
		buf_fmt(line, "%02x", bytes[i]);
	buf_str(line, "\"");
}

static void add_text(struct buf *line, const char *key, const void *bytes, size_t len) {
	buf_fmt(line, ",\"%s\":", key);
	if (bytes == NULL) {
		buf_str(line, "null");
		return;
	}
	buf_str(line, "\"");
	if (len > 0)
		buf_json(line, bytes, len);
	buf_str(line, "\"");
}

// Why a record of candidates cannot be worked on; NULL when it can, and for maps that are no such record.
static const char *find_fault(const void *bytes, size_t len) {
	struct candidate *candidate = NULL;
	struct record head;
	struct unpack *unpack;
	char target[RECORD_NAME_BYTES];
	bool is_record;

	if (unpack_open(&unpack, bytes, len) < 0)
		return "not_a_map";
	is_record = unpack_str(unpack, "t", target, sizeof(target)) == 0;
	unpack_close(unpack);
	if (!is_record || record_decode(bytes, len, &head, &candidate) == 0) {
		candidate_free(candidate);
		return NULL;
	}
	return head.fault;
}

static void add_value(struct buf *line, const unsigned char *bytes, size_t len) {
	const char *fault = find_fault(bytes, len);
	size_t value_bytes = 0;
	size_t before = line->len;

	buf_str(line, ",\"record\":");
	if (pack_json(line, bytes, len, &value_bytes) < 0 || value_bytes != len) {
		// Not one whole value: show the bytes as they are.
		if (line->error == 0) {
			line->len = before;
			line->data[before] = '\0';
		}
		buf_str(line, ",\"bytes\":");
		add_hex(line, bytes, len);
	}
	if (fault != NULL)
		buf_fmt(line, ",\"fault\":\"%s\"", fault);
}

static void add_headers(struct buf *line, const rd_kafka_message_t *message) {
	rd_kafka_headers_t *headers = NULL;
	const char *name;
	const void *value;
	size_t len;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	buf_str(line, ",\"headers\":{");
	for (size_t i = 0;
	     rd_kafka_header_get_all(headers, i, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR;
	     i++) {
		buf_str(line, i == 0 ? "\"" : ",\"");
		buf_json(line, name, strlen(name));
		buf_str(line, "\":\"");
		if (len > 0)
			buf_json(line, value, len);
		buf_str(line, "\"");
	}
	buf_str(line, "}");
}

static int print_line(struct decode *decode) {
	if (decode->line.error < 0)
		return front_fail(decode->line.error, "a value is too large to be shown");
	decode->shown++;
	if (puts(buf_text(&decode->line)) == EOF)
		return front_fail(-EIO, "cannot write to standard output");
	return 0;
}

static int show_message(struct decode *decode, const rd_kafka_message_t *message) {
	struct buf *line = &decode->line;

	buf_clear(line);
	buf_fmt(line,
		"{\"partition\":%" PRId32 ",\"offset\":%" PRId64 ",\"timestamp\":%" PRId64,
		message->partition,
		message->offset,
		rd_kafka_message_timestamp(message, NULL));
	add_text(line, "key", message->key, message->key_len);
	add_headers(line, message);
	if (message->payload == NULL)
		buf_str(line, ",\"record\":null");
	else
		add_value(line, message->payload, message->len);
	buf_str(line, "}");
	return print_line(decode);
}

// --- a topic

static int open_reader(struct decode *decode) {
	rd_kafka_conf_t *conf = NULL;
	char error[512];
	int err = kafka_conf_new(
		&conf, &decode->kafka, KAFKA_READER, &decode->opaque, NULL, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	decode->reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	if (decode->reader == NULL) {
		rd_kafka_conf_destroy(conf);
		return front_fail(-EINVAL, error);
	}
	rd_kafka_poll_set_consumer(decode->reader);
	return 0;
}

static int assign(struct decode *decode) {
	const struct decode_options *options = &decode->options;
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t failed;
	int32_t partitions = 0;
	int err = kafka_partition_count(decode->reader, options->topic, ANSWER_MS, &partitions);

	if (err < 0)
		return front_fail(
			err, err == -ENOENT ? "no such topic" : "cannot read the topic's metadata"
		);
	if (options->partition >= partitions)
		return front_fail(-ENOENT, "no such partition");
	list = rd_kafka_topic_partition_list_new(partitions);
	for (int32_t i = 0; i < partitions; i++)
		if (options->partition < 0 || options->partition == i)
			rd_kafka_topic_partition_list_add(list, options->topic, i)->offset =
				options->from == 0 ? RD_KAFKA_OFFSET_BEGINNING : options->from;
	decode->ends_left = list->cnt;
	failed = rd_kafka_assign(decode->reader, list);
	rd_kafka_topic_partition_list_destroy(list);
	return failed == RD_KAFKA_RESP_ERR_NO_ERROR ? 0
						    : front_fail(-EIO, rd_kafka_err2str(failed));
}

static int take(struct decode *decode, const rd_kafka_message_t *message) {
	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		decode->ends_left--;
	else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return show_message(decode, message);
	else if (kafka_classify(message->err) != KAFKA_RETRY)
		return front_fail(-EIO, rd_kafka_message_errstr(message));
	return 0;
}

static int show_topic(struct decode *decode) {
	int64_t heard_ms = clock_mono_ms();
	int err = open_reader(decode);

	if (err == 0)
		err = assign(decode);
	while (err == 0 && decode->ends_left > 0 &&
	       (decode->options.count == 0 || decode->shown < decode->options.count)) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(decode->reader, POLL_MS);

		if (message != NULL) {
			heard_ms = clock_mono_ms();
			err = take(decode, message);
			rd_kafka_message_destroy(message);
		} else if (clock_mono_ms() - heard_ms > QUIET_MS) {
			err = front_fail(-EAGAIN, "the brokers do not answer");
		}
	}
	if (decode->reader != NULL)
		rd_kafka_destroy(decode->reader);
	return err;
}

// --- a file

static int show_value(struct decode *decode, const unsigned char *bytes, size_t len) {
	buf_clear(&decode->line);
	buf_fmt(&decode->line, "{\"bytes_long\":%zu", len);
	add_value(&decode->line, bytes, len);
	buf_str(&decode->line, "}");
	return print_line(decode);
}

// Shows the whole values in front; returns how many bytes they took. What is no value is shown whole.
static int show_values(
	struct decode *decode, const unsigned char *bytes, size_t len, bool is_end, size_t *used
) {
	int err = 0;

	*used = 0;
	while (*used < len && err == 0 &&
	       (decode->options.count == 0 || decode->shown < decode->options.count)) {
		size_t value_bytes = 0;
		size_t left = len - *used;

		if (left < PACK_BYTES_MAX && !is_end)
			break;
		if (pack_scan(bytes + *used, left, &value_bytes) < 0)
			value_bytes = left;
		err = show_value(decode, bytes + *used, value_bytes);
		*used += value_bytes;
	}
	return err;
}

static int show_stream(struct decode *decode, FILE *file) {
	static const size_t room = (size_t)2 * PACK_BYTES_MAX;
	unsigned char *bytes = malloc(room);
	size_t len = 0;
	size_t used;
	bool is_end = false;
	int err = 0;

	if (bytes == NULL)
		return -ENOMEM;
	while (!is_end && err == 0) {
		len += fread(bytes + len, 1, room - len, file);
		is_end = feof(file) || ferror(file);
		err = show_values(decode, bytes, len, is_end, &used);
		len -= used;
		memmove(bytes, bytes + used, len);
	}
	if (err == 0 && ferror(file))
		err = front_fail(-EIO, "cannot read");
	free(bytes);
	return err;
}

static int show_file(struct decode *decode) {
	const char *name = decode->options.file;
	FILE *file;
	int err;

	if (name == NULL || strcmp(name, "-") == 0)
		return show_stream(decode, stdin);
	file = fopen(name, "rbe");
	if (file == NULL) {
		fprintf(stderr, "purgefleet: cannot open '%s': %s\n", name, strerror(errno));
		return -EIO;
	}
	err = show_stream(decode, file);
	fclose(file);
	return err;
}

// --- the command

static int start(struct decode *decode, const struct invocation *invocation) {
	const struct conf_group groups[] = {
		{.title = "decode",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &decode->options},
		{.title = "Kafka",
		 .rows = kafka_option_rows,
		 .count = KAFKA_OPTION_ROWS,
		 .base = &decode->kafka},
		{.title = "log",
		 .rows = front_log_rows,
		 .count = FRONT_LOG_ROWS,
		 .base = &decode->log_options},
	};
	const struct front_command command = {
		.usage = "decode [FILE | --topic NAME] [options]",
		.summary =
			"Shows records as JSON, one a line: of a topic, a file or standard input.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.positional = "file",
	};
	int err = front_parse(&decode->conf, invocation, &command);

	if (err != 0)
		return err;
	return front_open_log(&decode->opaque.log, &decode->log_options);
}

int command_decode(const struct invocation *invocation) {
	struct decode decode = {.shown = 0};
	int err;

	buf_init(&decode.line, 0);
	err = start(&decode, invocation);
	if (err == 0)
		err = decode.options.topic != NULL ? show_topic(&decode) : show_file(&decode);
	buf_fini(&decode.line);
	conf_free(decode.conf);
	log_free(decode.opaque.log);
	return front_exit_status(err);
}
