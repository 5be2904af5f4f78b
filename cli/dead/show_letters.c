// SPDX-License-Identifier: MPL-2.0
// show_letters: letters and how many there are, as text for people or as lines of JSON.
#include "cli/dead/show_letters.h"

#include "cli/dead/letter_reason.h"
#include "cli/show/decode_line.h"
#include "common/text/moment.h"
#include "common/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COUNT_BYTES = 24 };

static const char *const state_names[LETTER_STATES] = {
	[LETTER_IN_DOUBT] = "unknown",
	[LETTER_OPEN] = "open",
	[LETTER_SOLVED] = "solved",
};

// --- one letter

// In its two largest units.
static void add_age(struct buf *out, int64_t age_s) {
	static const struct {
		int64_t s;
		char name;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;
	int64_t rest;

	while (i < 3 && age_s < units[i].s)
		i++;
	buf_fmt(out, "%" PRId64 "%c", age_s / units[i].s, units[i].name);
	rest = i < 3 ? age_s % units[i].s / units[i + 1].s : 0;
	if (rest > 0)
		buf_fmt(out, " %" PRId64 "%c", rest, units[i + 1].name);
}

static void add_time(struct buf *out, int64_t stamp_ms, int64_t now_ms) {
	char moment[MOMENT_BYTES];

	if (stamp_ms < 0) {
		buf_str(out, "at an unknown time");
		return;
	}
	moment_format(stamp_ms / 1000 * 1000, moment);
	buf_fmt(out, "%s (", moment);
	add_age(out, now_ms > stamp_ms ? (now_ms - stamp_ms) / 1000 : 0);
	buf_str(out, " ago)");
}

static void add_state(struct buf *out, const struct letter *letter) {
	buf_str(out, state_names[letter->state]);
	if (letter->state == LETTER_SOLVED)
		buf_fmt(out, " (%s)", reason_name(letter->solved_by));
}

// What is no text for a terminal is escaped as in JSON.
static void add_text(struct buf *out, const char *text, size_t len) {
	if (len > 0)
		buf_json(out, text, len);
}

void show_letter_line(struct buf *out, const struct letter *letter, int64_t now_ms) {
	const char *id = letter_id(letter);

	add_text(out, id, strlen(id));
	buf_fmt(out, "  %s", letter_reason_name(letter->reason));
	if (letter->status != 0)
		buf_fmt(out, " %d", letter->status);
	buf_str(out, "  ");
	add_time(out, letter->stamp_ms, now_ms);
	buf_str(out, "  ");
	add_state(out, letter);
	if (letter->replay != NULL) {
		buf_str(out, "  replay ");
		add_text(out, letter->replay, strlen(letter->replay));
	}
	if (letter->node != NULL) {
		buf_str(out, "  ");
		add_text(out, letter->node, strlen(letter->node));
	}
	buf_str(out, "\n");
}

static void add_json_text(struct buf *out, const char *key, const char *text) {
	buf_fmt(out, ",\"%s\":", key);
	buf_json_text(out, text);
}

// `is_known`: else null.
static void add_json_int(struct buf *out, const char *key, bool is_known, int64_t value) {
	if (is_known)
		buf_fmt(out, ",\"%s\":%" PRId64, key, value);
	else
		buf_fmt(out, ",\"%s\":null", key);
}

void show_letter_json(struct buf *out, const struct letter *letter, int64_t now_ms) {
	const struct candidate *candidate = letter->candidate;
	bool is_solved = letter->state == LETTER_SOLVED;

	buf_str(out, "{\"kind\":\"letter\"");
	add_json_text(out, "key", letter->key);
	add_json_text(out, "id", candidate == NULL ? NULL : candidate->id);
	add_json_int(out, "k", candidate != NULL, candidate == NULL ? 0 : candidate->key);
	add_json_text(out, "reason", letter_reason_name(letter->reason));
	add_json_int(out, "status", letter->status != 0, letter->status);
	add_json_text(out, "message", letter->message);
	add_json_int(out, "attempts", true, letter->attempts);
	add_json_text(out, "node", letter->node);
	add_json_text(out, "replay", letter->replay);
	add_json_text(out, "fault", letter->head.fault);
	buf_fmt(out, ",\"truncated\":%s", letter->is_truncated ? "true" : "false");
	add_json_int(out, "timestamp", letter->stamp_ms >= 0, letter->stamp_ms);
	add_json_int(out, "age_s", letter->stamp_ms >= 0, (now_ms - letter->stamp_ms) / 1000);
	add_json_text(out, "state", state_names[letter->state]);
	add_json_text(out, "solved_by", is_solved ? reason_name(letter->solved_by) : NULL);
	buf_fmt(out,
		",\"partition\":%" PRId32 ",\"offset\":%" PRId64 "}\n",
		letter->partition,
		letter->offset);
}

// --- a whole one

static void add_headers(struct buf *out, const rd_kafka_message_t *message) {
	rd_kafka_headers_t *headers = NULL;
	const char *name;
	const void *value;
	size_t len;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (size_t i = 0;
	     rd_kafka_header_get_all(headers, i, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR;
	     i++) {
		buf_str(out, "  ");
		add_text(out, name, strlen(name));
		buf_str(out, ": ");
		add_text(out, value, len);
		buf_str(out, "\n");
	}
}

void show_letter_whole(
	struct buf *out,
	const struct letter *letter,
	const rd_kafka_message_t *message,
	int64_t now_ms
) {
	struct buf line;
	const char *record;

	buf_init(&line, 0);
	decode_line_value(&line, message->payload, message->len);
	add_text(out, letter->key, letter->key_bytes);
	buf_str(out, ", written ");
	add_time(out, letter->stamp_ms, now_ms);
	buf_fmt(out,
		", partition %" PRId32 " offset %" PRId64 "\n",
		letter->partition,
		letter->offset);
	add_headers(out, message);
	record = strchr(buf_text(&line), ',');
	buf_fmt(out, "  {%s\n", record == NULL ? "}" : record + 1);
	if (line.error < 0)
		out->error = line.error;
	buf_fini(&line);
}

// --- all of them

static void say_count(char out[COUNT_BYTES], bool is_known, int64_t count) {
	if (is_known)
		snprintf(out, COUNT_BYTES, "%" PRId64, count);
	else
		snprintf(out, COUNT_BYTES, "unknown");
}

static void add_row(
	struct buf *out, const char *name, const struct letter_count *count, bool rows_known
) {
	char open[COUNT_BYTES];
	char solved[COUNT_BYTES];

	say_count(open, rows_known, count->states[LETTER_OPEN]);
	say_count(solved, rows_known, count->states[LETTER_SOLVED]);
	buf_fmt(out, "  %-40s %10" PRId64 " %10s %10s\n", name, count->letters, open, solved);
}

static void add_head(struct buf *out, const char *what) {
	buf_fmt(out, "  %-40s %10s %10s %10s\n", what, "letters", "open", "solved");
}

static void add_solved(struct buf *out, const struct letter_summary *summary) {
	const struct letter_counts *counts = summary->counts;

	if (!summary->rows_known) {
		buf_str(out, "open: unknown\nsolved: unknown\n");
		return;
	}
	buf_fmt(out,
		"open: %" PRId64 "\nsolved: %" PRId64 " (the row is gone: %" PRId64
		", it is not to be purged by this record any more: %" PRId64 ")\n",
		counts->all.states[LETTER_OPEN],
		counts->all.states[LETTER_SOLVED],
		counts->gone,
		counts->changed);
	if (counts->all.states[LETTER_IN_DOUBT] > 0)
		buf_fmt(out,
			"neither can be told: %" PRId64 "\n",
			counts->all.states[LETTER_IN_DOUBT]);
}

static void add_special(struct buf *out, const struct letter_counts *counts) {
	if (counts->undecodable > 0)
		buf_fmt(out, "undecodable: %" PRId64 "\n", counts->undecodable);
	if (counts->truncated > 0)
		buf_fmt(out, "truncated: %" PRId64 "\n", counts->truncated);
	if (counts->replays > 0)
		buf_fmt(out, "of a replay: %" PRId64 "\n", counts->replays);
}

void show_letter_summary(struct buf *out, const struct letter_summary *summary) {
	const struct letter_counts *counts = summary->counts;

	buf_fmt(out,
		"%s: %" PRId64 " letter%s\n",
		summary->topic,
		counts->all.letters,
		counts->all.letters == 1 ? "" : "s");
	if (counts->all.letters == 0)
		return;
	add_head(out, "reason");
	for (int i = 0; i < LETTER_REASONS; i++)
		if (counts->reasons[i].letters > 0)
			add_row(out, letter_reason_name(i), &counts->reasons[i], summary->rows_known
			);
	if (summary->by_node)
		add_head(out, "node");
	for (size_t i = 0; i < counts->node_count && summary->by_node; i++)
		add_row(out,
			counts->nodes[i].name[0] == '\0' ? "(none)" : counts->nodes[i].name,
			&counts->nodes[i].count,
			summary->rows_known);
	add_solved(out, summary);
	add_special(out, counts);
	buf_str(out, "oldest: ");
	add_time(out, counts->oldest_ms == 0 ? -1 : counts->oldest_ms, summary->now_ms);
	buf_str(out, "\n");
}

static void add_count_json(struct buf *out, const struct letter_count *count, bool rows_known) {
	buf_fmt(out, "{\"letters\":%" PRId64, count->letters);
	add_json_int(out, "open", rows_known, count->states[LETTER_OPEN]);
	add_json_int(out, "solved", rows_known, count->states[LETTER_SOLVED]);
	buf_str(out, "}");
}

static void add_reasons_json(struct buf *out, const struct letter_summary *summary) {
	const char *before = "";

	buf_str(out, ",\"reasons\":{");
	for (int i = 0; i < LETTER_REASONS; i++) {
		if (summary->counts->reasons[i].letters == 0)
			continue;
		buf_fmt(out, "%s\"%s\":", before, letter_reason_name(i));
		add_count_json(out, &summary->counts->reasons[i], summary->rows_known);
		before = ",";
	}
	buf_str(out, "}");
}

static void add_nodes_json(struct buf *out, const struct letter_summary *summary) {
	const struct letter_counts *counts = summary->counts;

	buf_str(out, ",\"nodes\":{");
	for (size_t i = 0; i < counts->node_count; i++) {
		buf_str(out, i == 0 ? "" : ",");
		buf_json_text(out, counts->nodes[i].name);
		buf_str(out, ":");
		add_count_json(out, &counts->nodes[i].count, summary->rows_known);
	}
	buf_str(out, "}");
}

void show_letter_summary_json(struct buf *out, const struct letter_summary *summary) {
	const struct letter_counts *counts = summary->counts;
	bool has_oldest = counts->oldest_ms != 0;

	buf_str(out, "{\"kind\":\"summary\"");
	add_json_text(out, "topic", summary->topic);
	add_json_int(out, "letters", true, counts->all.letters);
	add_json_int(out, "open", summary->rows_known, counts->all.states[LETTER_OPEN]);
	add_json_int(out, "solved", summary->rows_known, counts->all.states[LETTER_SOLVED]);
	add_json_int(out, "gone", summary->rows_known, counts->gone);
	add_json_int(out, "changed", summary->rows_known, counts->changed);
	add_json_int(out, "undecodable", true, counts->undecodable);
	add_json_int(out, "truncated", true, counts->truncated);
	add_json_int(out, "replays", true, counts->replays);
	add_json_int(out, "returnable", true, counts->returnable);
	add_json_int(out, "oldest", has_oldest, counts->oldest_ms);
	add_json_int(out, "oldest_age_s", has_oldest, (summary->now_ms - counts->oldest_ms) / 1000);
	add_reasons_json(out, summary);
	if (summary->by_node)
		add_nodes_json(out, summary);
	buf_str(out, "}\n");
}
