// SPDX-License-Identifier: MPL-2.0
// event: what a target may want to count. Thread: scan or loop.
#pragma once

#include "common/http/http_message.h"
#include "common/target/work.h"

#include <stdbool.h>
#include <stdint.h>

enum event_kind {
	// Value: rows eligible at the start; only when it is exact.
	EVENT_BACKLOG,
	// Value: rows that are due for longer than --warn-after; of a pass over all rows.
	EVENT_OVERDUE,
	EVENT_PAGE, // value: rows fetched
	// Work, answer: any answer of a node.
	EVENT_ANSWER,
	// Work, answer: a request reached its goal.
	EVENT_REQUEST_DONE,
	// Work; value: rows of it that are gone by our hand.
	EVENT_PURGED,
	// Work; value: rows of it that were given up, for that reason.
	EVENT_FAILED,
	EVENT_DEFER_FAILED, // work: defer did not work
	// Work: it came to its end here, however it did.
	EVENT_ENDED,
	EVENT_LIMIT, // --max-records was reached
	EVENT_PASS_END, // value: duration in ms; success
};

struct event {
	enum event_kind kind;
	const struct work *work;
	const struct http_answer *answer;
	enum reason reason;
	int64_t value;
	bool success;
};
