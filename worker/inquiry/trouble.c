// SPDX-License-Identifier: MPL-2.0
// trouble: tells that Kafka has trouble, and that it answers again.
#include "worker/inquiry/trouble.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_log.h"

#include <stdio.h>

// The library counts an address that it was given beside the broker that it found there.
void trouble_note(struct trouble *trouble, rd_kafka_resp_err_t err, const char *words) {
	outage_note(&trouble->outage, clock_mono_ms());
	snprintf(
		trouble->words,
		sizeof(trouble->words),
		"%s%s",
		err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? "no broker answers" : words,
		kafka_log_is_of_address(words)
			? "; that is the address which the broker advertises (advertised.listeners)"
			: ""
	);
}

bool trouble_watch(struct trouble *trouble, bool may_ask, int64_t now_ms) {
	if (outage_tell(&trouble->outage, now_ms))
		LOG(trouble->log,
		    LOG_LEVEL_WARNING,
		    "Kafka has trouble",
		    log_str("error", trouble->words),
		    log_str("class", kafka_class_name(KAFKA_RETRY)));
	return may_ask && outage_ask(&trouble->outage, now_ms);
}

void trouble_answered(struct trouble *trouble) {
	if (outage_answered(&trouble->outage))
		LOG(trouble->log, LOG_LEVEL_INFO, "Kafka answers again");
}

bool trouble_is_on(const struct trouble *trouble) {
	return trouble->outage.is_on;
}
