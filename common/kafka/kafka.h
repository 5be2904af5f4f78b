// SPDX-License-Identifier: MPL-2.0
// kafka: the one place that knows librdkafka's configuration. Thread: any.
#pragma once

#include "common/conf/conf.h"
#include "common/kafka/kafka_error.h"

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
enum { KAFKA_OPTION_ROWS = 4, KAFKA_NAME_BYTES = 250, KAFKA_SILENCE_BYTES = 512 };
extern const struct conf_row kafka_option_rows[KAFKA_OPTION_ROWS];

enum kafka_role {
	KAFKA_ADMIN,
	KAFKA_PRODUCER,
	KAFKA_CONSUMER,
	KAFKA_STATIC_CONSUMER,
	KAFKA_READER
};

// The opaque pointer of every handle, so that its log lines find their way: callbacks get it, and
// the owner in it. Must outlive the handle.
struct kafka_opaque {
	struct log *log;
	void *owner;
	// The owner logs the errors of its connections, so the library's own lines are for
	// debugging.
	bool tells_errors;
	// What librdkafka last told about its connections, while a handle was polled; KAFKA_OK and
	// "": nothing.
	enum kafka_class trouble;
	char trouble_words[384];
	// What the library last told of an advertised address that cannot be reached, on any of its
	// threads.
	pthread_mutex_t lock; // of the next two
	char address_words[KAFKA_SILENCE_BYTES];
	int64_t address_ms; // when that was; 0: never
};

// KAFKA_OPAQUE(.log = log, .owner = owner)
#define KAFKA_OPAQUE(...) ((struct kafka_opaque){.lock = PTHREAD_MUTEX_INITIALIZER, __VA_ARGS__})

// A configuration for rd_kafka_new, with the operator's properties in it. The caller may set
// callbacks and more, and owns it.
//   PRODUCER  idempotent, acks=all, lz4
//   CONSUMER  member of the group, read_committed, from the earliest offset, nothing committed by
//             itself
//   STATIC_CONSUMER  the same, with a longer session, for one that has a group.instance.id
//   READER    the same without a group, which needs no right to any
// `group` is for the CONSUMERs, else NULL. 0; -EINVAL with words in `error` (no brokers, an unknown
// property, one that would break a promise); -ENOMEM.
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
