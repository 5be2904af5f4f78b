// SPDX-License-Identifier: MPL-2.0
// due: when may a record of a retry topic be tried? Thread: loop. Owner: the source.
#pragma once

#include "worker/handover/handover.h"
#include "worker/member/member.h"

#include <stdint.h>

// Zeroed but for the first two, which outlive it.
struct due {
	const struct member *member;
	struct handover *handover;
	// Of any partition that records were handed over to.
	struct broker_clock clock;
};

// Of a holding of a retry topic.
void due_note_read(
	const struct due *due, struct holding *holding, const rd_kafka_message_t *message
);
// One of ours got that stamp (-1: none). `holding`: of its partition, or NULL.
void due_note_handed_over(struct due *due, struct holding *holding, int64_t stamp_ms);
// How long read_ahead still waits, 0 or less: it may be tried. `now_ms`: monotonic.
int64_t due_left_ms(const struct due *due, const struct holding *holding, int64_t now_ms);
