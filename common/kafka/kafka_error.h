// SPDX-License-Identifier: MPL-2.0
// kafka_error: what an error of librdkafka or of the brokers calls for. Pure. Thread: any.
#pragma once

#include <librdkafka/rdkafka.h>

// What an error calls for.
enum kafka_class {
	KAFKA_OK,
	// Passes by itself: brokers away, leader moves, time-out.
	KAFKA_RETRY,
	// Final for this assignment: rebalanced, unknown member, old generation.
	KAFKA_LOST,
	// Another one has our name: never try again.
	KAFKA_FENCED,
	// This handle is of no use any more: destroy and make anew.
	KAFKA_FATAL,
	KAFKA_DENIED, // authentication or authorization
	KAFKA_MISSING, // no such topic or partition
	// This message or request will never be taken: too large, invalid.
	KAFKA_REFUSED,
};
enum kafka_class kafka_classify(rd_kafka_resp_err_t err); // librdkafka's own codes too
const char *kafka_class_name(enum kafka_class class); // "denied"
// 0, -ENOENT (missing), -EACCES (denied), -EAGAIN (everything else).
int kafka_errno(rd_kafka_resp_err_t err);
