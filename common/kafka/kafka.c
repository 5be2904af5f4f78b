// SPDX-License-Identifier: MPL-2.0
// kafka: the one place that knows librdkafka's configuration.
#include "common/kafka/kafka.h"

#include "common/kafka/kafka_log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct kafka_options, field)

const struct conf_row kafka_option_rows[KAFKA_OPTION_ROWS] = {
	{.name = "brokers",
	 .kind = CONF_STRING,
	 .offset = AT(brokers),
	 .env = "PURGEFLEET_BROKERS",
	 .meta = "HOST:PORT,...",
	 .help = "where Kafka is; another name of --kafka.bootstrap.servers"},
	{.name = "topic-prefix",
	 .kind = CONF_STRING,
	 .offset = AT(topic_prefix),
	 .fallback = KAFKA_TOPIC_PREFIX,
	 .meta = "WORD",
	 .help = "what the names of all topics begin with, so that several databases can share one "
		 "Kafka"},
	{.name = "group",
	 .kind = CONF_STRING,
	 .offset = AT(group),
	 .meta = "NAME",
	 .help = "the workers' consumer group; PREFIX.TARGET when not given"},
	{.name = "kafka.",
	 .kind = CONF_PAIRS,
	 .offset = AT(properties),
	 .secret = true,
	 .help = "a property of librdkafka, as --kafka.security.protocol=SSL"},
};

struct property {
	const char *key;
	const char *value;
};

// Those whose value a promise rests on: what the operator says does not count.
static const struct property common_fixed[] = {
	// A topic that is missing was made wrong by whoever needed it first.
	{"allow.auto.create.topics", "false"},
	{"log.queue", "false"},
	{NULL, NULL},
};
static const struct property producer_fixed[] = {
	{"enable.idempotence", "true"},
	{"acks", "all"},
	// Without a report nobody knows what was acknowledged.
	{"delivery.report.only.error", "false"},
	// Of dead letters, so that those with one key stay together: crc32 of the key.
	{"partitioner", "consistent"},
	{NULL, NULL},
};
static const struct property consumer_fixed[] = {
	{"enable.auto.commit", "false"},
	{"enable.auto.offset.store", "false"},
	{"isolation.level", "read_committed"},
	{"auto.offset.reset", "earliest"},
	{NULL, NULL},
};
static const struct property member_fixed[] = {
	{"offset.store.method", "broker"},
	{NULL, NULL},
};

static const struct property raw_reader_fixed[] = {
	{"isolation.level", "read_uncommitted"},
	{NULL, NULL},
};

static const struct property common_defaults[] = {
	{"client.id", "purgefleet"},
	{"log.connection.close", "false"},
	{"reconnect.backoff.max.ms", "2000"},
	// An address that swallows what is sent there is to be named before a command gives up,
	// after 15 seconds.
	{"socket.connection.setup.timeout.ms", "10000"},
	{"socket.nagle.disable", "true"},
	{"topic.metadata.refresh.interval.ms", "30000"},
	{NULL, NULL},
};
static const struct property producer_defaults[] = {
	{"compression.codec", "lz4"},
	{"linger.ms", "5"},
	{NULL, NULL},
};
// One that was killed keeps readers of committed records waiting no longer than this. Its requests
// may not take longer either, which the library sees to.
static const struct property transactor_defaults[] = {
	{"transaction.timeout.ms", "15000"},
	{NULL, NULL},
};
static const struct property consumer_defaults[] = {
	{"partition.assignment.strategy", "range"},
	{"queued.min.messages", "1000"},
	{"queued.max.messages.kbytes", "1024"},
	// When the coordinator moves, librdkafka 2.0 may ask for the new one over the connection
	// that it just gave up, and the whole group stands still until that question times out.
	{"socket.timeout.ms", "10000"},
	{NULL, NULL},
};

// Who reads to the end takes what comes as fast as it comes. Where that much waits already the
// library (before 2.2 always) fetches nothing for a second.
static const struct property reader_defaults[] = {
	{"queued.min.messages", "100000"},
	{"queued.max.messages.kbytes", "8192"},
	{NULL, NULL},
};

// The brokers wait so long for a member that is gone before the others go on, and so for each one
// that had to join anew after an outage longer than this. A member with a name of its own replaces
// itself, and may take its time for a restart.
static const struct property member_defaults[] = {
	{"session.timeout.ms", "7000"},
	{"heartbeat.interval.ms", "2000"},
	{NULL, NULL},
};

// What another option says, what we choose anew for each handle, and names of the fixed ones that
// are not their own.
static const struct property reserved[] = {
	{"group.id", "--group"},
	{"group.instance.id", "--instance-id"},
	{"request.required.acks", "acks=all"},
	{"auto.commit.enable", "no commit by itself"},
	{"enabled_events", "its own choice of events"},
	{"transactional.id", "its own choice of transactions"},
	{NULL, NULL},
};

static const struct property *find(const struct property *list, const char *key, size_t len) {
	for (; list->key != NULL; list++)
		if (strlen(list->key) == len && memcmp(list->key, key, len) == 0)
			return list;
	return NULL;
}

struct builder {
	rd_kafka_conf_t *conf;
	char *error;
	size_t error_bytes;
};

static int set(const struct builder *builder, const char *key, const char *value) {
	char why[256];

	if (rd_kafka_conf_set(builder->conf, key, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return 0;
	snprintf(builder->error, builder->error_bytes, "cannot set --kafka.%s: %s", key, why);
	return -EINVAL;
}

static int set_all(const struct builder *builder, const struct property *list) {
	int err = 0;

	for (; list->key != NULL && err == 0; list++)
		err = set(builder, list->key, list->value);
	return err;
}

static int refuse(const struct builder *builder, const char *key, const char *why) {
	snprintf(
		builder->error,
		builder->error_bytes,
		"--kafka.%s cannot be given: purgefleet relies on %s",
		key,
		why
	);
	return -EINVAL;
}

// Partitions are taken and given back all at once; cooperative assignment is not, and not safe
// before librdkafka 2.10.
static bool is_eager(const char *strategies) {
	static const char *const eager[] = {"range", "roundrobin"};
	bool holds = true;

	while (holds && *strategies != '\0') {
		size_t len = strcspn(strategies, ",");

		holds = false;
		for (size_t i = 0; i < sizeof(eager) / sizeof(eager[0]); i++)
			if (strlen(eager[i]) == len && memcmp(strategies, eager[i], len) == 0)
				holds = true;
		strategies += len + (strategies[len] == ',');
	}
	return holds;
}

static const struct property *find_fixed(const char *key, size_t len) {
	const struct property *const lists[] = {
		common_fixed, producer_fixed, consumer_fixed, member_fixed};
	const struct property *fixed = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && fixed == NULL; i++)
		fixed = find(lists[i], key, len);
	return fixed;
}

static int check_value(const struct builder *builder, const char *key, const char *value) {
	const struct property *fixed = find_fixed(key, strlen(key));
	const struct property *other = find(reserved, key, strlen(key));
	char why[192];

	if (other != NULL)
		return refuse(builder, key, other->value);
	if (fixed != NULL && strcmp(value, fixed->value) != 0) {
		snprintf(why, sizeof(why), "%s=%s", key, fixed->value);
		return refuse(builder, key, why);
	}
	if (strcmp(key, "partition.assignment.strategy") == 0 && !is_eager(value))
		return refuse(builder, key, "range or roundrobin");
	if (strcmp(key, "group.protocol") == 0 && strcmp(value, "classic") != 0)
		return refuse(
			builder,
			key,
			"group.protocol=classic, where a rebalance takes all partitions at once "
			"and waits for the last commit"
		);
	return 0;
}

static int set_pair(const struct builder *builder, const char *pair) {
	size_t len = strcspn(pair, "=");
	char key[128];
	int err;

	if (len >= sizeof(key) || pair[len] == '\0') {
		snprintf(builder->error, builder->error_bytes, "--kafka.KEY=VALUE: bad key");
		return -EINVAL;
	}
	memcpy(key, pair, len);
	key[len] = '\0';
	err = check_value(builder, key, pair + len + 1);
	return err < 0 ? err : set(builder, key, pair + len + 1);
}

static const char *find_brokers(const struct kafka_options *options) {
	const char *brokers = options->brokers;

	for (size_t i = 0; i < options->properties.count && brokers == NULL; i++) {
		const char *pair = options->properties.items[i];

		if (strncmp(pair, "bootstrap.servers=", 18) == 0 ||
		    strncmp(pair, "metadata.broker.list=", 21) == 0)
			brokers = strchr(pair, '=') + 1;
	}
	return brokers == NULL || brokers[0] == '\0' ? NULL : brokers;
}

static int set_options(const struct builder *builder, const struct kafka_options *options) {
	const char *brokers = find_brokers(options);
	int err = 0;

	if (brokers == NULL) {
		snprintf(
			builder->error,
			builder->error_bytes,
			"the brokers are missing: give --brokers HOST:PORT,... or the variable "
			"PURGEFLEET_BROKERS"
		);
		return -EINVAL;
	}
	for (size_t i = 0; i < options->properties.count && err == 0; i++)
		err = set_pair(builder, options->properties.items[i]);
	return err < 0 ? err : set(builder, "bootstrap.servers", brokers);
}

// `transactional_id`: NULL: without transactions.
static int set_producer(const struct builder *builder, const char *transactional_id) {
	int err = set_all(builder, producer_fixed);

	if (err == 0)
		err = set_all(builder, producer_defaults);
	if (err < 0 || transactional_id == NULL)
		return err;
	err = set_all(builder, transactor_defaults);
	return err < 0 ? err : set(builder, "transactional.id", transactional_id);
}

static int set_role(const struct builder *builder, enum kafka_role role, const char *group) {
	int err = set_all(builder, common_fixed);

	if (err == 0)
		err = set_all(builder, common_defaults);
	if (err < 0 || role == KAFKA_ADMIN)
		return err;
	if (role == KAFKA_PRODUCER || role == KAFKA_TRANSACTOR)
		return set_producer(builder, role == KAFKA_TRANSACTOR ? group : NULL);
	err = set_all(builder, consumer_fixed);
	if (err == 0)
		err = set_all(builder, consumer_defaults);
	if (role == KAFKA_READER || role == KAFKA_RAW_READER)
		return err < 0 ? err : set_all(builder, reader_defaults);
	if (err < 0)
		return err;
	err = set_all(builder, member_fixed);
	if (err == 0 && role == KAFKA_CONSUMER)
		err = set_all(builder, member_defaults);
	return err < 0 ? err : set(builder, "group.id", group);
}

// NOLINTNEXTLINE(readability-function-size): a group and a place for words besides what it makes
int kafka_conf_new(
	rd_kafka_conf_t **out,
	const struct kafka_options *options,
	enum kafka_role role,
	struct kafka_opaque *opaque,
	const char *group,
	char *error,
	size_t error_bytes
) {
	struct builder builder = {.conf = rd_kafka_conf_new(), .error_bytes = error_bytes};
	int err;

	builder.error = error;
	if (builder.conf == NULL)
		return -ENOMEM;
	err = set_role(&builder, role, group);
	if (err == 0)
		err = set_options(&builder, options);
	// An operator may say of the others what they do anyway.
	if (err == 0 && role == KAFKA_RAW_READER)
		err = set_all(&builder, raw_reader_fixed);
	if (err < 0) {
		rd_kafka_conf_destroy(builder.conf);
		return err;
	}
	rd_kafka_conf_set_opaque(builder.conf, opaque);
	rd_kafka_conf_set_log_cb(builder.conf, kafka_log_line);
	rd_kafka_conf_set_error_cb(builder.conf, kafka_log_trouble);
	*out = builder.conf;
	return 0;
}

const char *kafka_version_caution(int version) {
	if (version < 0x02040000 || version >= 0x020a0000)
		return NULL;
	return "this librdkafka may crash or stand still when a topic is deleted and made again: "
	       "stop every produce and work first, or take librdkafka 2.10";
}

void kafka_group_name(
	const struct kafka_options *options, const char *target, char *out, size_t out_bytes
) {
	if (options->group != NULL)
		snprintf(out, out_bytes, "%s", options->group);
	else
		snprintf(out, out_bytes, "%s.%s", options->topic_prefix, target);
}
