// SPDX-License-Identifier: MPL-2.0
// kafka: the one place that knows librdkafka's configuration. Thread: any.
#pragma once

#include "common/conf/conf.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_log.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;

struct kafka_options { // filled by conf
	char *brokers;
	char *topic_prefix;
	char *group;
	struct conf_list properties; // "KEY=VALUE" for librdkafka
};

#define KAFKA_TOPIC_PREFIX "purge" // what --topic-prefix is when it is not given
enum { KAFKA_OPTION_ROWS = 4 };
extern const struct conf_row kafka_option_rows[KAFKA_OPTION_ROWS];

enum kafka_role {
	KAFKA_ADMIN,
	KAFKA_PRODUCER,
	KAFKA_CONSUMER,
	KAFKA_STATIC_CONSUMER,
	KAFKA_READER,
	KAFKA_RAW_READER,
	KAFKA_TRANSACTOR
};

// A configuration for rd_kafka_new, with the operator's properties in it. The caller may set
// callbacks and more, and owns it.
//   PRODUCER  idempotent, acks=all, lz4
//   CONSUMER  member of the group, read_committed, from the earliest offset, nothing committed by
//             itself
//   STATIC_CONSUMER  the same, with a longer session, for one that has a group.instance.id
//   READER    the same without a group, which needs no right to any
//   RAW_READER  the same for what is not committed yet, or was taken back, as well
//   TRANSACTOR  a PRODUCER with transactions; `group` is its transactional.id
// `group` is for the CONSUMERs and the TRANSACTOR, else NULL. 0; -EINVAL with words in `error` (no
// brokers, an unknown property, one that would break a promise); -ENOMEM.
int kafka_conf_new(
	rd_kafka_conf_t **out,
	const struct kafka_options *options,
	enum kafka_role role,
	struct kafka_opaque *opaque,
	const char *group,
	char *error,
	size_t error_bytes
);

// What is wrong with a version of librdkafka (rd_kafka_version), for operators to know; NULL:
// nothing that is known. Source: librdkafka's CHANGELOG of 2.10.0, issues 4778 and 4964.
const char *kafka_version_caution(int version);

// The group's name: --group, or one made of prefix and target.
void kafka_group_name(
	const struct kafka_options *options, const char *target, char *out, size_t out_bytes
);
