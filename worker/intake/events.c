// SPDX-License-Identifier: MPL-2.0
// events: what the library tells of the group and of its connections.
#include "worker/intake/events.h"

#include "common/base/log.h"
#include "common/kafka/kafka_error.h"

enum { COMPLAIN_EVERY_MS = 60 * 1000 };

// What needs an operator. The library says it with each try to connect.
static void tell_error(struct events *events, const char *class, const char *words) {
	LOG(events->member->setup->log,
	    log_is_due(events->member->setup->log, class, COMPLAIN_EVERY_MS) ? LOG_LEVEL_ERROR
									     : LOG_LEVEL_DEBUG,
	    "Kafka has trouble",
	    log_str("error", words),
	    log_str("class", class));
}

static void on_error(struct events *events, rd_kafka_event_t *event) {
	rd_kafka_resp_err_t err = rd_kafka_event_error(event);
	bool is_of_topic = err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		kafka_classify(err) == KAFKA_MISSING;

	if (err == RD_KAFKA_RESP_ERR__FATAL || kafka_classify(err) == KAFKA_FENCED)
		member_fail_by(events->member, err);
	else if (err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
		faults_note_group(events->faults, err);
	// Which one it is, and whether it lasts.
	else if (is_of_topic)
		faults_suspect(events->faults);
	else if (kafka_classify(err) == KAFKA_RETRY)
		trouble_note(events->trouble, err, rd_kafka_event_error_string(event));
	else
		tell_error(
			events,
			kafka_class_name(kafka_classify(err)),
			rd_kafka_event_error_string(event)
		);
}

void events_serve(struct events *events, int64_t now_ms) {
	rd_kafka_event_t *event;

	while ((event = rd_kafka_queue_poll(events->queue, 0)) != NULL) {
		switch (rd_kafka_event_type(event)) {
		case RD_KAFKA_EVENT_REBALANCE:
			assign_rebalance(events->assign, event, now_ms);
			break;
		case RD_KAFKA_EVENT_OFFSET_COMMIT:
			commits_take_event(events->commits, event);
			break;
		case RD_KAFKA_EVENT_ERROR:
			on_error(events, event);
			break;
		// Would be lost, and the next commit would pass over it.
		case RD_KAFKA_EVENT_FETCH:
			member_fail(
				events->member, SOURCE_FAILED, "a record came by the wrong queue"
			);
			break;
		default:
			break;
		}
		rd_kafka_event_destroy(event);
	}
}
