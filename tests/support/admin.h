// SPDX-License-Identifier: MPL-2.0
// admin: what the small programs share that change something at the brokers. A failure ends the
// program with status 1.
#pragma once

#include <librdkafka/rdkafka.h>

struct admin {
	rd_kafka_t *handle;
	rd_kafka_queue_t *queue; // of answers
};

_Noreturn void admin_die(const char *what, const char *why);
// `on_report`: hears what becomes of records; NULL: none are written.
struct admin admin_open(
	const char *brokers,
	void (*on_report)(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
);
void admin_close(struct admin *admin);
// The answer of this type, which the caller destroys.
rd_kafka_event_t *admin_wait_for(const struct admin *admin, rd_kafka_event_type_t type);
