// SPDX-License-Identifier: MPL-2.0
// kafka_log: what librdkafka says by itself: lines for a log, and errors of its connections.
// Thread: any.
#pragma once

#include "common/kafka/kafka_error.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct log;

enum { KAFKA_NAME_BYTES = 250, KAFKA_SILENCE_BYTES = 512 };

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

// For rd_kafka_conf_set_log_cb; keeps what kafka_silence tells. A line that comes again and again
// is told once a minute, its like at debug level.
void kafka_log_line(const rd_kafka_t *handle, int level, const char *facility, const char *text);
// For rd_kafka_conf_set_error_cb: keeps what kafka_trouble tells. `pointer`: the opaque.
void kafka_log_trouble(rd_kafka_t *handle, int err, const char *text, void *pointer);
// Is this text of the library about a broker that cannot be reached at the address that it gave of
// itself?
bool kafka_log_is_of_address(const char *text);
