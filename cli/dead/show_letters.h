// SPDX-License-Identifier: MPL-2.0
// show_letters: letters and how many there are, as text for people or as lines of JSON. Pure.
// Thread: any.
#pragma once

#include "cli/dead/letter.h"
#include "cli/dead/letter_counts.h"
#include "common/base/buf.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

// All append to `out`, whose error says whether they could. now_ms: Unix time.

void show_letter_line(struct buf *out, const struct letter *letter, int64_t now_ms);
void show_letter_json(struct buf *out, const struct letter *letter, int64_t now_ms);
// A whole letter, as it is in the topic.
void show_letter_whole(
	struct buf *out,
	const struct letter *letter,
	const rd_kafka_message_t *message,
	int64_t now_ms
);

struct letter_summary {
	const char *topic;
	const struct letter_counts *counts;
	// Else nobody knows what is open and what is solved.
	bool rows_known;
	bool by_node;
	int64_t now_ms;
};
void show_letter_summary(struct buf *out, const struct letter_summary *summary);
void show_letter_summary_json(struct buf *out, const struct letter_summary *summary);
