// SPDX-License-Identifier: MPL-2.0
// decode: shows records as JSON, one a line: those of a topic, or encoded values from a file or
// standard input.
#include "cli/decode.h"

#include "cli/front/front.h"
#include "cli/options/option_groups.h"
#include "cli/show/decode_line.h"
#include "cli/topics/decode_topic.h"
#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/conf/conf.h"
#include "common/kafka/kafka.h"
#include "common/pack/pack.h"
#include "common/pack/pack_scan.h"
#include "common/targets/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TARGETS_MAX = 16 };

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
	struct front_log log_options;
	struct log *log;
	struct conf *conf;
	struct buf line;
	int64_t shown;
	// Bytes of the file that were shown.
	int64_t read;
};

static bool is_enough(const struct decode *decode) {
	return decode->options.count != 0 && decode->shown >= decode->options.count;
}

static int print_line(struct decode *decode) {
	if (decode->line.error < 0)
		return front_fail(decode->line.error, "a value is too large to be shown");
	decode->shown++;
	// The end of the program tells of it.
	return puts(buf_text(&decode->line)) == EOF ? -EIO : 0;
}

// --- a topic

static int show_message(void *ctx, const rd_kafka_message_t *message) {
	struct decode *decode = ctx;
	int err;

	decode_line_message(&decode->line, message);
	err = print_line(decode);
	return err < 0 ? err : is_enough(decode);
}

static int show_topic(struct decode *decode) {
	const struct decode_topic_setup setup = {
		.kafka = &decode->kafka,
		.log = decode->log,
		.topic = decode->options.topic,
		.partition = decode->options.partition,
		.from = decode->options.from,
		.show = show_message,
		.ctx = decode,
	};

	return decode_topic(&setup);
}

// --- a file

static int show_value(struct decode *decode, const unsigned char *bytes, size_t len) {
	decode_line_value(&decode->line, bytes, len);
	return print_line(decode);
}

static int tell_bad_byte(int64_t at) {
	fprintf(stderr,
		"purgefleet: no whole value begins at byte %" PRId64
		"; what comes behind it cannot be told apart and is not shown\n",
		at);
	return -EBADMSG;
}

// Shows the whole values in front; returns how many bytes they took. What is no value is shown as
// bytes, and is the end.
static int show_values(
	struct decode *decode, const unsigned char *bytes, size_t len, bool is_end, size_t *used
) {
	int err = 0;

	*used = 0;
	while (*used < len && err == 0 && !is_enough(decode)) {
		size_t value_bytes = 0;
		size_t left = len - *used;
		bool is_bad;

		if (left < PACK_BYTES_MAX && !is_end)
			break;
		is_bad = pack_scan(bytes + *used, left, &value_bytes) < 0;
		if (is_bad)
			value_bytes = left < PACK_BYTES_MAX ? left : PACK_BYTES_MAX;
		err = show_value(decode, bytes + *used, value_bytes);
		if (err == 0 && is_bad)
			err = tell_bad_byte(decode->read + (int64_t)*used);
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
		return front_fail(-ENOMEM, "out of memory");
	while (!is_end && err == 0 && !is_enough(decode)) {
		len += fread(bytes + len, 1, room - len, file);
		is_end = feof(file) || ferror(file);
		err = show_values(decode, bytes, len, is_end, &used);
		decode->read += (int64_t)used;
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

static int check_options(const struct decode *decode) {
	if (decode->options.topic != NULL && decode->options.file != NULL)
		return front_fail(-EINVAL, "decode: give a FILE or --topic, not both");
	if (decode->options.topic == NULL &&
	    (conf_is_set(decode->conf, "partition") || conf_is_set(decode->conf, "from")))
		return front_fail(
			-EINVAL, "decode: --partition and --from are about a topic; give --topic"
		);
	return 0;
}

// Options that a file has for the commands of these targets.
static size_t of_targets(struct conf_group *groups) {
	size_t count = 0;

	for (; count < TARGETS_MAX && targets[count] != NULL; count++)
		groups[count] = option_group_target(targets[count], NULL);
	return count;
}

static int start(struct decode *decode, const struct invocation *invocation) {
	const struct conf_group groups[] = {
		{.title = "decode",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &decode->options},
		option_group_kafka(&decode->kafka),
		option_group_log(&decode->log_options),
	};
	struct conf_group elsewhere[TARGETS_MAX];
	const struct front_command command = {
		.usage = "decode [FILE | --topic NAME] [options]",
		.summary = "Shows records as JSON, one a line: of a topic, a file or standard "
			   "input.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.positional = "file",
		.elsewhere = elsewhere,
		.elsewhere_count = of_targets(elsewhere),
	};
	int err = front_parse(&decode->conf, invocation, &command);

	if (err != 0)
		return err;
	err = check_options(decode);
	return err < 0 ? err : front_open_log(&decode->log, &decode->log_options);
}

int decode_main(const struct invocation *invocation) {
	struct decode decode = {.shown = 0};
	int err;

	buf_init(&decode.line, 0);
	err = start(&decode, invocation);
	if (err == 0)
		err = decode.options.topic != NULL ? show_topic(&decode) : show_file(&decode);
	buf_fini(&decode.line);
	conf_free(decode.conf);
	log_free(decode.log);
	return front_exit_status(err);
}
