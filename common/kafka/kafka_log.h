// SPDX-License-Identifier: MPL-2.0
// kafka_log: what librdkafka says by itself: lines for a log, and errors of its connections.
// Thread: any.
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

// For rd_kafka_conf_set_log_cb; keeps what kafka_silence tells. A line that comes again and again
// is told once a minute, its like at debug level.
void kafka_log_line(const rd_kafka_t *handle, int level, const char *facility, const char *text);
// For rd_kafka_conf_set_error_cb: keeps what kafka_trouble tells. `pointer`: the opaque.
void kafka_log_trouble(rd_kafka_t *handle, int err, const char *text, void *pointer);
// Is this text of the library about a broker that cannot be reached at the address that it gave of
// itself?
bool kafka_log_is_of_address(const char *text);
