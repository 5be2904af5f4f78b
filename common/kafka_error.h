// SPDX-License-Identifier: MPL-2.0
// kafka_error: what an error of librdkafka or of the brokers calls for. Pure. Thread: any.
#pragma once

#include <librdkafka/rdkafka.h>

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
int kafka_errno(rd_kafka_resp_err_t err
); // 0, -ENOENT (missing), -EACCES (denied), -EAGAIN (everything else)
