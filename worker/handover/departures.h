// SPDX-License-Identifier: MPL-2.0
// departures: records on their way to a retry topic or to the dead letters, and what is to be
// written down of their end, which goes before them. Thread: loop.
// Owner: the source.
#pragma once

#include "worker/handover/due.h"
#include "worker/handover/handover.h"
#include "worker/handover/loans.h"
#include "worker/inquiry/faults.h"
#include "worker/member/member.h"

#include <stdint.h>

enum { DEPARTURES_VALUE_BYTES = 64 * 1024 }; // of a dead letter, at most

// Zeroed but for the first five, which outlive it.
struct departures {
	struct member *member;
	struct faults *faults;
	struct loans *loans;
	struct due *due;
	struct handover *handover;
	// When a record last went to somebody else's partition; 0: never.
	int64_t strayed_ms;
};

// What the loan has of an audit goes to its topic, if it has any. Then the loan goes where its
// `way` says, with its headers, or ends.
void departures_add(struct departures *departures, struct loan *loan);
// It can neither be handed over nor passed over: its partition stands still.
void departures_refuse(struct departures *departures, struct loan *loan, const char *why);
void departures_send(struct departures *departures);
// Those that the brokers did not take try again when it is time.
void departures_unpark(struct departures *departures, int64_t now_ms);
// What handover calls; ctx are the departures, tag the loan.
void departures_on_done(
	void *ctx, void *tag, rd_kafka_resp_err_t err, const struct handover_place *place
);
void departures_on_fatal(void *ctx, rd_kafka_resp_err_t err);
