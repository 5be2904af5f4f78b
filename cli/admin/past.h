// SPDX-License-Identifier: MPL-2.0
// past: what one look at the numbers cannot say: the sums over all passes, and since when something
// is so. Pure: no clock. Thread: loop.
#pragma once

#include "cli/admin/numbers.h"
#include "producer/outbox/publisher.h"
#include "producer/producer.h"

#include <stdbool.h>
#include <stdint.h>

struct past { // see past_init
	// Of the passes that ended.
	struct scan_numbers scan;
	int64_t published;
	// By which the running pass is told from the last one.
	int64_t ended_started_ms;
	// As it was at the last look.
	int64_t candidates_ended;
	int64_t pages;
	int64_t database;
	int64_t candidate_ended_ms, page_read_ms, database_ms;
};

void past_init(struct past *past);
// A pass has ended; `counts`: of its publisher, NULL: there is none.
void past_note_pass(
	struct past *past,
	const struct pass_report *report,
	const struct publisher_counts *counts,
	bool succeeded,
	int64_t duration_ms,
	int64_t now_wall_ms
);
// Another one makes the passes now: what is overdue is for it to tell.
void past_stand_by(struct past *past);
// The scan's numbers; `running`: the report so far of the pass that runs, which may still be that
// of the last one; NULL: none runs.
void past_add_scan(
	const struct past *past, const struct pass_report *running, struct scan_numbers *out
);
// The publisher's; `running`: as above, of what it counts; NULL: no pass runs.
void past_add_publisher(
	const struct past *past,
	const struct publisher_counts *running,
	struct publisher_numbers *out
);
// Since when: call it when all else is filled in.
void past_date(struct past *past, int64_t now_wall_ms, struct numbers *numbers);
