// SPDX-License-Identifier: MPL-2.0
// kafka_right: words for a right that the brokers miss of us, and for a record that they take from
// nobody.
#include "common/kafka/kafka_right.h"

#include <stdio.h>
#include <string.h>

// The last one given counts. NULL: none.
static const char *find_property(const struct kafka_options *options, const char *key) {
	size_t len = strlen(key);

	for (size_t i = options->properties.count; i > 0; i--) {
		const char *pair = options->properties.items[i - 1];

		if (strncmp(pair, key, len) == 0 && pair[len] == '=')
			return pair + len + 1;
	}
	return NULL;
}

// Of Kerberos and OAuth the name at the brokers is another one than anything that we are told.
static const char *find_user(const struct kafka_options *options) {
	const char *mechanism = find_property(options, "sasl.mechanism");

	if (mechanism == NULL)
		mechanism = find_property(options, "sasl.mechanisms");
	if (mechanism == NULL ||
	    (strcmp(mechanism, "PLAIN") != 0 && strncmp(mechanism, "SCRAM-", 6) != 0))
		return NULL;
	return find_property(options, "sasl.username");
}

static void say(
	const struct kafka_options *options,
	const struct kafka_right *right,
	char *out,
	size_t out_bytes
) {
	const char *user = find_user(options);
	const char *quote = right->name == NULL ? "" : "'";
	const char *space = right->name == NULL ? "" : " ";
	const char *name = right->name == NULL ? "" : right->name;

	snprintf(
		out,
		out_bytes,
		"no right to %s %s%s%s%s%s%s; grant it: kafka-acls.sh --bootstrap-server HOST:PORT "
		"--add --allow-principal %s%s --operation %s --%s%s%s",
		right->operation,
		right->resource,
		space,
		quote,
		name,
		quote,
		right->is_hidden ? ", or Describe is denied" : "",
		user == NULL ? "" : "User:",
		user == NULL ? "PRINCIPAL" : user,
		right->operation,
		right->resource,
		space,
		name
	);
}

void kafka_right_words(
	const struct kafka_options *options,
	const struct kafka_right *right,
	rd_kafka_resp_err_t err,
	char *out,
	size_t out_bytes
) {
	static const struct kafka_right idempotent_write = {
		.operation = "IdempotentWrite", .resource = "cluster"};
	char other[KAFKA_RIGHT_BYTES];
	size_t len;

	switch (err) {
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		say(options, right, out, out_bytes);
		if (strcmp(right->resource, "topic") != 0)
			break;
		say(options, &idempotent_write, other, sizeof(other));
		len = strlen(out);
		snprintf(out + len, out_bytes - len, "; or, before Kafka 2.8, %s", other);
		break;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
		say(options, right, out, out_bytes);
		break;
	default:
		snprintf(out, out_bytes, "%s", rd_kafka_err2str(err));
		break;
	}
}

bool kafka_refusal_words(const char *topic, rd_kafka_resp_err_t err, char *out, size_t out_bytes) {
	bool is_segment = err == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
	const char *key = is_segment ? "segment.bytes" : "max.message.bytes";

	if (!is_segment && err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
		return false;
	snprintf(
		out,
		out_bytes,
		"more bytes at once than the topic's %s; raise it: kafka-configs.sh "
		"--bootstrap-server HOST:PORT --alter --entity-type topics --entity-name %s "
		"--add-config %s=N; or send less at once, unless one record alone is larger: "
		"--kafka.batch.size=N",
		key,
		topic,
		key
	);
	return true;
}
