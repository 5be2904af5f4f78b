// SPDX-License-Identifier: MPL-2.0
// kafka: the one place that knows librdkafka's configuration and what its errors mean.
#pragma once

#include "common/conf.h"

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

struct log;

struct kafka_options { // filled by conf
	char *brokers;
	char *topic_prefix;
	char *group;
	struct conf_list properties; // "KEY=VALUE" for librdkafka
};

enum { KAFKA_OPTION_ROWS = 4, KAFKA_NAME_BYTES = 250 };
extern const struct conf_row kafka_option_rows[KAFKA_OPTION_ROWS];

enum kafka_role { KAFKA_ADMIN, KAFKA_PRODUCER, KAFKA_CONSUMER, KAFKA_READER };

// The opaque pointer of every handle, so that its log lines find their way: callbacks get it, and the owner in it.
// Must outlive the handle.
struct kafka_opaque {
	struct log *log;
	void *owner;
};

// A configuration for rd_kafka_new, with the operator's properties in it. The caller may set callbacks and more, and owns it.
//   PRODUCER  idempotent, acks=all, lz4
//   CONSUMER  member of the group, read_committed, from the earliest offset, nothing committed by itself
//   READER    the same without a group, for rd_kafka_assign
// `group` is for CONSUMER, else NULL. 0; -EINVAL with words in `error` (no brokers, an unknown property, one that would
// break a promise); -ENOMEM.
int kafka_conf_new(
	rd_kafka_conf_t **out,
	const struct kafka_options *options,
	enum kafka_role role,
	struct kafka_opaque *opaque,
	const char *group,
	char *error,
	size_t error_bytes
);

// The group's name: --group, or one made of prefix and target.
void kafka_group_name(
	const struct kafka_options *options, const char *target, char *out, size_t out_bytes
);

// What an error calls for.
enum kafka_class {
	KAFKA_OK,
	KAFKA_RETRY, // passes by itself: brokers away, leader moves, time-out
	KAFKA_LOST, // final for this assignment: rebalanced, unknown member, old generation
	KAFKA_FENCED, // another one has our name: never try again
	KAFKA_FATAL, // this handle is of no use any more: destroy and make anew
	KAFKA_DENIED, // authentication or authorization
	KAFKA_MISSING, // no such topic or partition
	KAFKA_REFUSED, // this message or request will never be taken: too large, invalid
};
enum kafka_class kafka_classify(rd_kafka_resp_err_t err); // librdkafka's own codes too
const char *kafka_class_name(enum kafka_class class); // "denied"

// How many partitions the brokers say that a topic has. Blocks up to timeout_ms. 0; -ENOENT: no such topic; -EACCES;
// -EAGAIN: no answer in time.
int kafka_partition_count(rd_kafka_t *handle, const char *topic, int timeout_ms, int32_t *out);
