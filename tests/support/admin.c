// SPDX-License-Identifier: MPL-2.0
// admin: what the small programs share that change something at the brokers.
#include "support/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 10 * 1000 };

void admin_die(const char *what, const char *why) {
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
	exit(1);
}

struct admin admin_open(
	const char *brokers,
	void (*on_report)(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
) {
	char error[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	struct admin admin;

	if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, error, sizeof(error)) !=
	    RD_KAFKA_CONF_OK)
		admin_die(brokers, error);
	rd_kafka_conf_set_dr_msg_cb(conf, on_report);
	admin.handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	if (admin.handle == NULL)
		admin_die(brokers, error);
	admin.queue = rd_kafka_queue_new(admin.handle);
	return admin;
}

void admin_close(struct admin *admin) {
	rd_kafka_queue_destroy(admin->queue);
	rd_kafka_destroy(admin->handle);
}

rd_kafka_event_t *admin_wait_for(const struct admin *admin, rd_kafka_event_type_t type) {
	rd_kafka_event_t *event;

	while ((event = rd_kafka_queue_poll(admin->queue, ANSWER_MS)) != NULL) {
		if (rd_kafka_event_type(event) == type)
			break;
		rd_kafka_event_destroy(event);
	}
	if (event == NULL)
		admin_die("no answer", "in time");
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die("refused", rd_kafka_event_error_string(event));
	return event;
}
