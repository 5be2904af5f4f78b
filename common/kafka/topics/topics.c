// SPDX-License-Identifier: MPL-2.0
// topics: the topics of a target: their names, how they are made, and the layout that all processes
// share.
#include "common/kafka/topics/topics.h"

#include "common/kafka/kafka.h"
#include "common/kafka/topics/tiers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A topic takes a batch or refuses it whole, and librdkafka makes batches of a million bytes
// (batch.size). Each version of Kafka has more than this by default.
#define MESSAGE_BYTES_LEAST "1000000"

static const char *const suffixes[TOPIC_KINDS] = {
	[TOPIC_CANDIDATES] = "",
	[TOPIC_RETRY] = ".retry",
	[TOPIC_DEAD] = ".dead",
	[TOPIC_AUDIT] = ".audit",
	[TOPIC_STATE] = ".state",
};

static bool is_fit(const char *name) {
	static const char
		letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '.' && name[strspn(name, letters)] == '\0';
}

static int join(
	enum topic_kind kind,
	const char *prefix,
	const char *target,
	const char *delay,
	char *out,
	size_t out_bytes
) {
	int len = snprintf(out, out_bytes, "%s.%s%s%s", prefix, target, suffixes[kind], delay);

	if (len < 0 || (size_t)len >= out_bytes || len >= TOPIC_NAME_BYTES || !is_fit(out))
		return -EINVAL;
	return 0;
}

int topic_name(
	enum topic_kind kind, const char *prefix, const char *target, char *out, size_t out_bytes
) {
	return kind == TOPIC_RETRY ? -EINVAL : join(kind, prefix, target, "", out, out_bytes);
}

int topic_retry_name(
	const char *prefix, const char *target, int64_t delay_ms, char *out, size_t out_bytes
) {
	char end[1 + TOPIC_DELAY_BYTES] = ".";

	topic_delay_write(delay_ms, end + 1, sizeof(end) - 1);
	return join(TOPIC_RETRY, prefix, target, end, out, out_bytes);
}

int topic_retry_delay(const char *prefix, const char *target, const char *name, int64_t *delay_ms) {
	const char *dot = strrchr(name, '.');
	char back[TOPIC_NAME_BYTES];
	int64_t found_ms;

	// What it is made of again is the same, so there is one name for each delay.
	if (dot == NULL || topic_delay_read(dot + 1, &found_ms) < 0 ||
	    topic_retry_name(prefix, target, found_ms, back, sizeof(back)) < 0 ||
	    strcmp(back, name) != 0)
		return -EINVAL;
	*delay_ms = found_ms;
	return 0;
}

void topics_command(const char *prefix, const char *target, char *out, size_t out_bytes) {
	bool is_usual = strcmp(prefix, KAFKA_TOPIC_PREFIX) == 0;

	snprintf(
		out,
		out_bytes,
		"purgefleet topics %s create%s%s",
		target,
		is_usual ? "" : " --topic-prefix ",
		is_usual ? "" : prefix
	);
}

static struct topic_property *add_text(
	struct topic_plan *plan, const char *key, const char *value
) {
	struct topic_property *property = &plan->properties[plan->property_count++];

	property->key = key;
	snprintf(property->value, sizeof(property->value), "%s", value);
	return property;
}

static void add_retention(struct topic_plan *plan, int64_t ms) {
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, ms);
	plan->retention = RETENTION_KEY;
	add_text(plan, plan->retention, text);
	// Brokers may have a limit for topics that are not given one.
	add_text(plan, "retention.bytes", "-1");
}

int topic_plan(
	struct topic_plan *out,
	enum topic_kind kind,
	const char *prefix,
	const char *target,
	const struct topics_wish *wish
) {
	*out = (struct topic_plan){
		.partitions = wish->partitions,
		.replication = wish->replication,
		.seen_by = kind == TOPIC_STATE ? "Read" : "Describe"};
	switch (kind) {
	case TOPIC_RETRY:
		add_text(out, "message.timestamp.type", "LogAppendTime");
		add_text(out, TOPIC_POLICY, "delete");
		add_retention(out, wish->retry_retention_ms);
		break;
	case TOPIC_CANDIDATES:
		add_text(out, TOPIC_POLICY, "delete");
		add_retention(out, wish->retention_ms);
		break;
	case TOPIC_DEAD:
		add_text(out, TOPIC_POLICY, "compact,delete");
		add_retention(out, wish->dead_retention_ms);
		break;
	case TOPIC_AUDIT:
		add_text(out, TOPIC_POLICY, "delete");
		add_retention(out, wish->audit_retention_ms);
		break;
	default:
		out->partitions = 1;
		add_text(out, TOPIC_POLICY, "compact");
		break;
	}
	add_text(out, "min.insync.replicas", wish->replication >= 3 ? "2" : "1");
	add_text(out, "unclean.leader.election.enable", "false");
	add_text(out, "max.message.bytes", MESSAGE_BYTES_LEAST)->is_least = true;
	if (kind == TOPIC_RETRY)
		return topic_retry_name(
			prefix, target, wish->retry_delay_ms, out->name, sizeof(out->name)
		);
	return topic_name(kind, prefix, target, out->name, sizeof(out->name));
}

bool topic_property_is_met(const struct topic_property *wish, const char *value) {
	if (wish->is_least)
		return strtoll(value, NULL, 10) >= strtoll(wish->value, NULL, 10);
	return strcmp(wish->value, value) == 0;
}

const char *topic_policy_harm(enum topic_kind kind, const char *policy) {
	switch (kind) {
	case TOPIC_CANDIDATES:
	case TOPIC_RETRY:
		if (policy[0] == '\0')
			return "what Kafka keeps is unknown";
		return strstr(policy, "compact") == NULL ? NULL : "Kafka would drop candidates";
	case TOPIC_AUDIT:
		return strstr(policy, "compact") == NULL
			? NULL
			: "Kafka would keep only the last end of each record";
	case TOPIC_STATE:
		return strcmp(policy, "compact") == 0 ? NULL
						      : "Kafka would drop the cursor, and which "
							"database the topics belong to";
	default:
		return NULL;
	}
}

void topic_set_command(
	const char *topic, const char *key, const char *value, char *out, size_t out_bytes
) {
	bool is_list = strchr(value, ',') != NULL;

	snprintf(
		out,
		out_bytes,
		"kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type topics "
		"--entity-name %s --add-config %s=%s%s%s",
		topic,
		key,
		is_list ? "[" : "",
		value,
		is_list ? "]" : ""
	);
}

enum { LAYOUT_VERSION = 1 };

int layout_pack(
	const struct layout *layout, struct pack *pack, const unsigned char **data, size_t *len
) {
	pack_reset(pack, 3);
	pack_int(pack, "v", LAYOUT_VERSION);
	pack_int(pack, "range_width", layout->range_width);
	pack_str(pack, "scope", layout->scope[0] == '\0' ? NULL : layout->scope);
	return pack_data(pack, data, len);
}

int layout_unpack(struct layout *out, const void *bytes, size_t len) {
	struct layout layout = {.range_width = 0};
	struct unpack *unpack;
	int64_t version = 0;
	int err = unpack_open(&unpack, bytes, len);

	if (err < 0)
		return err;
	err = unpack_int(unpack, "v", &version);
	if (err == 0)
		err = unpack_int(unpack, "range_width", &layout.range_width);
	if (err == 0)
		err = unpack_str(unpack, "scope", layout.scope, sizeof(layout.scope));
	unpack_close(unpack);
	if (err == -ENOENT && layout.range_width > 0)
		err = 0; // not bound yet
	if (err < 0 || version != LAYOUT_VERSION || layout.range_width < 1)
		return -EBADMSG;
	*out = layout;
	return 0;
}
