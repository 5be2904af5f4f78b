// SPDX-License-Identifier: MPL-2.0
// trouble: tells that Kafka has trouble, and that it answers again. Thread: loop. Owner: the
// source.
#pragma once

#include "common/kafka/kafka.h"
#include "worker/inquiry/outage.h"

#include <stdbool.h>
#include <stdint.h>

struct log;

// Zeroed but for the log: there is none.
struct trouble {
	struct log *log;
	struct outage outage;
	// What the library last said of it.
	char words[384];
};

// The library told of some.
void trouble_note(struct trouble *trouble, rd_kafka_resp_err_t err, const char *words);
// Tells when it is time. Returns true when it is to be asked whether the brokers answer;
// `may_ask`: that can be done now.
bool trouble_watch(struct trouble *trouble, bool may_ask, int64_t now_ms);
void trouble_answered(struct trouble *trouble); // they do
bool trouble_is_on(const struct trouble *trouble);
