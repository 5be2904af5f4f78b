// SPDX-License-Identifier: MPL-2.0
// kafka_right: words for a right that the brokers miss of us, and for a record that they take from
// nobody. Pure. Thread: any.
#pragma once

#include "common/kafka/kafka.h"

#include <stdbool.h>
#include <stddef.h>

// One right of an access control list, in the words of kafka-acls.sh.
struct kafka_right {
	const char *operation; // "Read", "DescribeConfigs"
	const char *resource; // "topic", "group", "transactional-id", "cluster"
	// Of the resource; NULL for the cluster.
	const char *name;
	// The topic or the group was not even seen: the right is missing and Describe with it, or
	// Describe is denied.
	bool is_hidden;
};

enum { KAFKA_RIGHT_BYTES = 1200 }; // long enough for any

// Words for an operator whose brokers answered `err` to something that wants `right`:
//   no right to Read topic 'purge.fruit'; grant it: kafka-acls.sh … --allow-principal User:fleet
//   --operation Read --topic …
// The principal is the user that we log in as; PRINCIPAL when that is not known here (a
// certificate, a ticket). An error about the cluster names IdempotentWrite too when `right` is
// about a topic: a producer needs that before Kafka 2.8; since then to Write some topic is enough.
// Another error: the library's words for it.
void kafka_right_words(
	const struct kafka_options *options,
	const struct kafka_right *right,
	rd_kafka_resp_err_t err,
	char *out,
	size_t out_bytes
);

enum { KAFKA_REFUSAL_BYTES = 600 }; // long enough for any topic

// Words for an operator when the brokers take a record or a batch of this topic from nobody,
// because it is too large; with the remedy. False, and nothing written: it is not about that.
bool kafka_refusal_words(const char *topic, rd_kafka_resp_err_t err, char *out, size_t out_bytes);
