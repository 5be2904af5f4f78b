// SPDX-License-Identifier: MPL-2.0
// view_json: how a fleet stands, for programs.
#include "cli/status/view_json.h"

#include "cli/dead/letter_reason.h"
#include "common/kafka/topics/limits.h"
#include "common/text/moment.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

// Each member begins with its comma, but for the first of its object.
static void add_key(struct buf *out, const char *key) {
	bool is_first = out->len == 0 || strchr("{[", out->data[out->len - 1]) != NULL;

	buf_fmt(out, "%s\"%s\":", is_first ? "" : ",", key);
}

static void add_text(struct buf *out, const char *key, const char *text) {
	add_key(out, key);
	buf_json_text(out, text);
}

// Negative: unknown.
static void add_number(struct buf *out, const char *key, int64_t number) {
	add_key(out, key);
	if (number < 0)
		buf_str(out, "null");
	else
		buf_fmt(out, "%" PRId64, number);
}

// Negative: unknown.
static void add_speed(struct buf *out, const char *key, double per_s) {
	add_key(out, key);
	if (per_s < 0)
		buf_str(out, "null");
	else
		buf_fmt(out, "%.1f", per_s);
}

static void add_moment(struct buf *out, const char *key, int64_t ms) {
	char text[MOMENT_BYTES];

	if (ms > 0)
		moment_format(ms, text);
	add_text(out, key, ms > 0 ? text : NULL);
}

static void add_flag(struct buf *out, const char *key, bool is_known, bool flag) {
	add_key(out, key);
	buf_str(out, !is_known ? "null" : flag ? "true" : "false");
}

// Opens an object in the place of a value, or of an element.
static void open_in(struct buf *out, const char *key, const char *bracket) {
	if (key != NULL)
		add_key(out, key);
	else if (out->len > 0 && out->data[out->len - 1] == '}')
		buf_str(out, ",");
	buf_str(out, bracket);
}

static void add_why(struct buf *out, const struct view_source *source) {
	add_text(out, "unknown_because", source->why[0] == '\0' ? NULL : source->why);
}

static void add_partition(
	struct buf *out, const struct view *view, const struct view_partition *one
) {
	bool has_worker = view->lags.workers_source.is_known && one->worker != SIZE_MAX;

	open_in(out, NULL, "{");
	add_number(out, "partition", one->partition);
	add_number(out, "lag", view_lag(one));
	add_number(out, "begin", one->begin);
	add_number(out, "end", one->end);
	add_number(out, "committed", one->commit);
	add_flag(out, "has_commit", one->commit != VIEW_UNKNOWN, one->commit != VIEW_NONE);
	add_moment(out, "oldest_at", one->oldest_ms);
	add_text(out, "worker", has_worker ? view->lags.workers[one->worker].id : NULL);
	buf_str(out, "}");
}

static void add_topic(struct buf *out, const struct view *view, size_t topic) {
	struct view_sum sum = view_sum(&view->lags, topic);
	double rate = view_rate(&view->before, &view->lags, topic);
	double added = view_added(&view->before, &view->lags, topic);

	add_text(out, "topic", view->lags.topics[topic].name);
	if (topic > 0)
		add_number(out, "delay_s", view->lags.topics[topic].delay_ms / 1000);
	add_number(out, "lag", sum.lag);
	add_number(out, "known_lag", sum.known_lag);
	add_number(out, "unknown_partitions", (int64_t)sum.unknown);
	add_speed(out, "rate_per_s", rate);
	add_speed(out, "added_per_s", added);
	add_number(out, "eta_s", view_eta_s(sum.lag, rate, added));
	add_moment(out, "oldest_at", sum.oldest_ms);
	open_in(out, "partitions", "[");
	for (size_t i = 0; i < view->lags.partition_count; i++)
		if (view->lags.partitions[i].topic == topic)
			add_partition(out, view, &view->lags.partitions[i]);
	buf_str(out, "]");
}

static void add_lags(struct buf *out, const struct view *view) {
	add_key(out, "candidates");
	if (!view->lags.source.is_known) {
		buf_str(out, "{");
		add_number(out, "lag", VIEW_UNKNOWN);
		add_why(out, &view->lags.source);
		buf_str(out, "},\"retries\":null");
		return;
	}
	buf_str(out, "{");
	add_topic(out, view, 0);
	add_why(out, &view->lags.source);
	buf_str(out, "}");
	open_in(out, "retries", "[");
	for (size_t i = 1; i < view->lags.topic_count; i++) {
		open_in(out, NULL, "{");
		add_topic(out, view, i);
		buf_str(out, "}");
	}
	buf_str(out, "]");
}

static void add_workers(struct buf *out, const struct view *view) {
	add_text(out, "group", view->group);
	if (!view->lags.workers_source.is_known) {
		add_text(out, "workers", NULL);
		return;
	}
	open_in(out, "workers", "[");
	for (size_t i = 0; i < view->lags.worker_count; i++) {
		open_in(out, NULL, "{");
		add_text(out, "id", view->lags.workers[i].id);
		add_text(out, "host", view->lags.workers[i].host);
		add_number(out, "partitions", view->lags.workers[i].partitions);
		buf_str(out, "}");
	}
	buf_str(out, "]");
}

static void add_rows(struct buf *out, const struct view *view) {
	bool is_known = view->rows.source.is_known;

	open_in(out, "database", "{");
	add_number(out, "eligible", is_known ? view->rows.estimate.eligible : VIEW_UNKNOWN);
	add_flag(
		out,
		"exact",
		is_known && view->rows.estimate.eligible >= 0,
		view->rows.estimate.eligible_exact
	);
	add_why(out, &view->rows.source);
	buf_str(out, "}");
}

static void add_passes(struct buf *out, const struct view *view) {
	const struct view_state *state = &view->state;
	bool has_cursor = state->source.is_known && state->has_cursor;

	open_in(out, "passes", "{");
	add_moment(out, "cursor_moved_at", has_cursor ? state->cursor_ms : 0);
	add_moment(out, "full_began_at", has_cursor ? state->cursor.full_began_ms : 0);
	add_flag(out, "full_running", has_cursor, state->cursor.full_running);
	add_text(out, "left_out", has_cursor ? state->cursor.held : NULL);
	add_why(out, &state->source);
	buf_str(out, "}");
}

static void add_letters(struct buf *out, const struct view *view) {
	const struct view_letters *letters = &view->letters;
	bool is_known = letters->source.is_known;

	open_in(out, "dead", "{");
	add_number(out, "letters", is_known ? letters->letters : VIEW_UNKNOWN);
	add_number(out, "open", is_known ? letters->open : VIEW_UNKNOWN);
	add_number(out, "solved", is_known ? letters->solved : VIEW_UNKNOWN);
	add_number(out, "unknown", is_known ? letters->unknown : VIEW_UNKNOWN);
	add_moment(out, "oldest_at", is_known ? letters->oldest_ms : 0);
	if (is_known) {
		open_in(out, "reasons", "{");
		for (int i = 0; i < LETTER_REASONS; i++)
			if (letters->reasons[i] > 0)
				add_number(out, letter_reason_name(i), letters->reasons[i]);
		buf_str(out, "}");
	} else {
		add_text(out, "reasons", NULL);
	}
	add_why(out, &letters->source);
	buf_str(out, "}");
}

static void add_pause(struct buf *out, const struct view *view) {
	bool is_known = view->state.source.is_known;
	const struct control *control = &view->state.control;

	open_in(out, "pause", "{");
	add_flag(out, "paused", is_known, control->is_paused);
	add_moment(out, "since", is_known && control->is_paused ? control->since_ms : 0);
	add_text(out, "reason", control->reason[0] == '\0' ? NULL : control->reason);
	add_text(out, "by", control->who[0] == '\0' ? NULL : control->who);
	add_text(out, "fault", control->fault[0] == '\0' ? NULL : control->fault);
	buf_str(out, "}");
}

static void add_limit(struct buf *out, const char *key, int64_t thousandths) {
	char rate[LIMITS_RATE_BYTES];

	add_key(out, key);
	buf_str(out, thousandths < 0 ? "null" : limits_rate(thousandths, rate));
}

// Null: nobody has told any.
static void add_limits(struct buf *out, const struct view *view) {
	const struct view_source *source = &view->state.source;
	const struct limits *limits = &view->state.limits;
	bool is_told = source->is_known && limits->is_told;
	const char *why = source->is_known ? limits->fault : source->why;

	if (source->is_known && !is_told && limits->fault[0] == '\0') {
		add_text(out, "limits", NULL);
		return;
	}
	open_in(out, "limits", "{");
	add_limit(out, "max_rate", is_told ? limits->max_rate : VIEW_UNKNOWN);
	add_limit(out, "node_rate", is_told ? limits->node_rate : VIEW_UNKNOWN);
	add_number(out, "node_inflight", is_told ? limits->node_inflight : VIEW_UNKNOWN);
	add_moment(out, "told_at", is_told ? limits->told_ms : 0);
	add_text(out, "by", is_told && limits->who[0] != '\0' ? limits->who : NULL);
	add_text(out, "unknown_because", why[0] == '\0' ? NULL : why);
	buf_str(out, "}");
}

static void add_replays(struct buf *out, const struct view *view) {
	if (!view->state.source.is_known) {
		add_text(out, "replays", NULL);
		return;
	}
	open_in(out, "replays", "[");
	for (size_t i = 0; i < view->state.replay_count; i++) {
		open_in(out, NULL, "{");
		add_text(out, "id", view->state.replays[i].id);
		add_number(out, "records", view->state.replays[i].records);
		add_number(out, "done", view->state.replays[i].done);
		buf_str(out, "}");
	}
	buf_str(out, "]");
}

void view_json(struct buf *out, const struct view *view) {
	bool has_layout = view->state.source.is_known;

	buf_str(out, "{");
	add_text(out, "target", view->target);
	add_moment(out, "at", view->at_ms);
	add_number(out, "range_width", has_layout ? view->state.range_width : VIEW_UNKNOWN);
	add_text(out, "scope", has_layout ? view->state.scope : NULL);
	add_pause(out, view);
	add_rows(out, view);
	add_lags(out, view);
	add_letters(out, view);
	add_workers(out, view);
	add_limits(out, view);
	add_passes(out, view);
	add_replays(out, view);
	buf_str(out, "}\n");
}
