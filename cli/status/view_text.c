// SPDX-License-Identifier: MPL-2.0
// view_text: how a fleet stands, for people.
#include "cli/status/view_text.h"

#include "cli/dead/letter_reason.h"
#include "cli/show/show_control.h"
#include "common/kafka/topics/limits.h"
#include "common/text/moment.h"

#include <inttypes.h>

static void add_number(struct buf *out, int64_t number) {
	if (number < 0)
		buf_str(out, "unknown");
	else
		buf_fmt(out, "%" PRId64, number);
}

// "3d 4h", "12m 3s": the two largest units.
static void add_duration(struct buf *out, int64_t seconds) {
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int shown = 0;

	if (seconds < 0) {
		buf_str(out, "unknown");
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t count = seconds / units[i].seconds;
		bool is_last = units[i].unit == 's';

		if (shown == 2 || (count == 0 && shown == 0 && !is_last) ||
		    (count == 0 && shown > 0))
			continue;
		buf_fmt(out, "%s%" PRId64 "%c", shown > 0 ? " " : "", count, units[i].unit);
		shown++;
		seconds %= units[i].seconds;
	}
}

static void add_unknown(struct buf *out, const struct view_source *source) {
	buf_fmt(out, "unknown: %s\n", source->why[0] == '\0' ? "nobody says" : source->why);
}

// --- database

static void add_rows(struct buf *out, const struct view *view) {
	const struct estimate *estimate = &view->rows.estimate;

	buf_str(out, "database:    ");
	if (!view->rows.source.is_known) {
		add_unknown(out, &view->rows.source);
		return;
	}
	if (estimate->eligible < 0) {
		buf_str(out, "what may be purged is counted by a pass alone\n");
		return;
	}
	buf_fmt(out,
		"%s%" PRId64 " rows may be purged\n",
		estimate->eligible_exact ? "" : "at least ",
		estimate->eligible);
}

// --- candidates and retries

static void add_lag(struct buf *out, const struct view *view, size_t topic) {
	struct view_sum sum = view_sum(&view->lags, topic);

	if (sum.lag >= 0) {
		buf_fmt(out, "%" PRId64 " records", sum.lag);
	} else {
		buf_fmt(out,
			"unknown, at least %" PRId64 " records: of %zu partitions %zu are unknown",
			sum.known_lag,
			sum.partitions,
			sum.unknown);
		if (view->lags.source.why[0] != '\0')
			buf_fmt(out, " (%s)", view->lags.source.why);
	}
	if (sum.uncommitted > 0 && sum.uncommitted == sum.partitions)
		buf_str(out, ", the group has committed nothing yet");
	if (sum.oldest_ms >= 0) {
		buf_str(out, ", the oldest has waited for ");
		add_duration(out, (view->at_ms - sum.oldest_ms) / 1000);
	}
}

static void add_eta(struct buf *out, int64_t lag, double rate, double added) {
	int64_t eta_s = view_eta_s(lag, rate, added);

	if (lag <= 0 || rate < 0 || added < 0)
		return;
	if (eta_s < 0) {
		buf_str(out, ", does not get less");
		return;
	}
	buf_str(out, ", done in ");
	add_duration(out, eta_s);
}

// A few of them are not rounded to none.
static void add_per_s(struct buf *out, double per_s, const char *what) {
	buf_fmt(out, per_s < 10 ? ", %.2g a second%s" : ", %.0f a second%s", per_s, what);
}

static void add_speed(struct buf *out, const struct view *view, size_t topic) {
	double rate = view_rate(&view->before, &view->lags, topic);
	double added = view_added(&view->before, &view->lags, topic);

	if (rate < 0)
		buf_str(out, ", rate unknown");
	else
		add_per_s(out, rate, "");
	if (rate >= 0 && added < 0)
		buf_str(out, ", how many are added is unknown");
	else if (added > 0)
		add_per_s(out, added, " added");
	add_eta(out, view_sum(&view->lags, topic).lag, rate, added);
}

static void add_candidates(struct buf *out, const struct view *view) {
	buf_str(out, "candidates:  ");
	if (!view->lags.source.is_known) {
		add_unknown(out, &view->lags.source);
		return;
	}
	add_lag(out, view, 0);
	add_speed(out, view, 0);
	buf_str(out, "\n");
}

static void add_retries(struct buf *out, const struct view *view) {
	for (size_t i = 1; i < view->lags.topic_count && view->lags.source.is_known; i++) {
		buf_str(out, "retry in ");
		add_duration(out, view->lags.topics[i].delay_ms / 1000);
		buf_str(out, ": ");
		add_lag(out, view, i);
		buf_str(out, "\n");
	}
}

static void add_worker_of(
	struct buf *out, const struct view *view, const struct view_partition *partition
) {
	if (!view->lags.workers_source.is_known)
		buf_str(out, "worker unknown");
	else if (partition->worker == SIZE_MAX)
		buf_str(out, "no worker");
	else
		buf_fmt(out, "worker %s", view->lags.workers[partition->worker].id);
}

static void add_each(struct buf *out, const struct view *view) {
	struct view_sum sum = view_sum(&view->lags, 0);

	for (size_t i = 0; i < view->lags.partition_count && view->lags.source.is_known; i++) {
		const struct view_partition *one = &view->lags.partitions[i];

		if (one->topic != 0)
			continue;
		buf_fmt(out, "partition %" PRId32 ": lag ", one->partition);
		add_number(out, view_lag(one));
		buf_str(out, ", at ");
		if (one->commit == VIEW_NONE)
			buf_str(out, "nothing");
		else
			add_number(out, one->commit);
		buf_str(out, " of ");
		add_number(out, one->end);
		if (view->state.source.is_known && view->state.range_width > 0)
			buf_fmt(out,
				", uids with floor(uid / %" PRId64 ") mod %zu = %" PRId32,
				view->state.range_width,
				sum.partitions,
				one->partition);
		buf_str(out, ", ");
		add_worker_of(out, view, one);
		buf_str(out, "\n");
	}
}

// --- workers, replays, passes

static void add_workers(struct buf *out, const struct view *view, bool each) {
	buf_str(out, "workers:     ");
	if (!view->lags.workers_source.is_known) {
		add_unknown(out, &view->lags.workers_source);
		return;
	}
	buf_fmt(out, "%zu in the group %s\n", view->lags.worker_count, view->group);
	for (size_t i = 0; i < view->lags.worker_count && each; i++) {
		buf_fmt(out,
			"worker %s at %s: partitions ",
			view->lags.workers[i].id,
			view->lags.workers[i].host);
		add_number(out, view->lags.workers[i].partitions);
		buf_str(out, "\n");
	}
}

static void add_limit(struct buf *out, int64_t thousandths, const char *what) {
	char rate[LIMITS_RATE_BYTES];

	if (thousandths == 0)
		buf_fmt(out, "no limit of %s", what);
	else
		buf_fmt(out, "%s %s", limits_rate(thousandths, rate), what);
}

static void add_limits(struct buf *out, const struct view *view) {
	const struct limits *limits = &view->state.limits;

	buf_str(out, "limits:      ");
	if (!view->state.source.is_known) {
		add_unknown(out, &view->state.source);
		return;
	}
	if (!limits->is_told) {
		buf_fmt(out,
			"%s%s\n",
			limits->fault[0] == '\0' ? "not told by any worker yet" : "unknown: ",
			limits->fault);
		return;
	}
	add_limit(out, limits->max_rate, "records a second");
	if (view->has_nodes) {
		buf_str(out, ", ");
		add_limit(out, limits->node_rate, "requests a second");
		buf_fmt(out, " and %" PRId64 " at once to a node", limits->node_inflight);
	}
	buf_fmt(out, "; told by %s ", limits->who[0] == '\0' ? "somebody" : limits->who);
	add_duration(out, (view->at_ms - limits->told_ms) / 1000);
	buf_str(out, " ago\n");
}

static void add_passes(struct buf *out, const struct view *view) {
	const struct view_state *state = &view->state;

	buf_str(out, "passes:      ");
	if (view->has_no_cursors) {
		buf_str(out, "each one is full, and none is written down\n");
		return;
	}
	if (!state->source.is_known) {
		add_unknown(out, &state->source);
		return;
	}
	if (state->is_cursor_odd) {
		buf_str(out, "unknown: the cursor is none that this version knows\n");
		return;
	}
	if (!state->has_cursor) {
		buf_str(out, "none yet\n");
		return;
	}
	buf_str(out, "the cursor was last moved ");
	add_duration(out, (view->at_ms - state->cursor_ms) / 1000);
	buf_str(out, " ago");
	if (state->cursor.full_began_ms > 0) {
		buf_fmt(out, ", the last full pass began ");
		add_duration(out, (view->at_ms - state->cursor.full_began_ms) / 1000);
		buf_fmt(out, " ago%s", state->cursor.full_running ? " and is under way" : "");
	}
	if (state->cursor.held[0] != '\0')
		buf_fmt(out, ", left out: %s", state->cursor.held);
	buf_str(out, "\n");
}

static void add_letters(struct buf *out, const struct view *view) {
	const struct view_letters *letters = &view->letters;
	const char *word = ": ";

	buf_str(out, "dead:        ");
	if (!letters->source.is_known) {
		add_unknown(out, &letters->source);
		return;
	}
	buf_fmt(out,
		"%" PRId64 " letter%s, open ",
		letters->letters,
		letters->letters == 1 ? "" : "s");
	add_number(out, letters->open);
	buf_str(out, ", solved ");
	add_number(out, letters->solved);
	if (letters->open >= 0 && letters->unknown > 0)
		buf_fmt(out, ", unknown %" PRId64, letters->unknown);
	if (letters->open < 0 && letters->source.why[0] != '\0')
		buf_fmt(out, " (%s)", letters->source.why);
	for (int i = 0; i < LETTER_REASONS; i++) {
		if (letters->reasons[i] == 0)
			continue;
		buf_fmt(out, "%s%s %" PRId64, word, letter_reason_name(i), letters->reasons[i]);
		word = ", ";
	}
	if (letters->oldest_ms >= 0) {
		buf_str(out, ", the oldest was written ");
		add_duration(out, (view->at_ms - letters->oldest_ms) / 1000);
		buf_str(out, " ago");
	}
	buf_str(out, "\n");
}

static void add_pause(struct buf *out, const struct view *view) {
	char words[SHOW_CONTROL_BYTES];

	buf_str(out, "pause:       ");
	if (view->state.source.is_known)
		buf_fmt(out, "%s\n", show_control(&view->state.control, words));
	else
		add_unknown(out, &view->state.source);
}

static void add_replays(struct buf *out, const struct view *view) {
	for (size_t i = 0; i < view->state.replay_count && view->state.source.is_known; i++) {
		const struct view_replay *one = &view->state.replays[i];

		buf_fmt(out, "replay %s: ", one->id);
		add_number(out, one->done);
		buf_fmt(out, " of at most %" PRId64 " records done\n", one->records);
	}
}

void view_text(struct buf *out, const struct view *view, bool each) {
	char at[MOMENT_BYTES];

	moment_format(view->at_ms / 1000 * 1000, at);
	buf_fmt(out, "%s at %s\n", view->target, at);
	add_pause(out, view);
	add_rows(out, view);
	add_candidates(out, view);
	add_retries(out, view);
	add_letters(out, view);
	add_workers(out, view, each);
	add_limits(out, view);
	add_passes(out, view);
	add_replays(out, view);
	if (each)
		add_each(out, view);
}

static void add_retries_short(struct buf *out, const struct view *view) {
	int64_t lag = 0;

	if (!view->lags.source.is_known)
		return;
	for (size_t i = 1; i < view->lags.topic_count && lag >= 0; i++) {
		int64_t one = view_sum(&view->lags, i).lag;

		lag = one < 0 ? VIEW_UNKNOWN : lag + one;
	}
	buf_str(out, ", retries ");
	add_number(out, lag);
}

void view_text_short(struct buf *out, const struct view *view) {
	char at[MOMENT_BYTES];

	moment_format(view->at_ms / 1000 * 1000, at);
	buf_fmt(out, "%s ", at);
	if (view->lags.source.is_known) {
		add_lag(out, view, 0);
		add_speed(out, view, 0);
	} else {
		buf_fmt(out, "unknown: %s", view->lags.source.why);
	}
	buf_str(out, ", workers ");
	add_number(
		out,
		view->lags.workers_source.is_known ? (int64_t)view->lags.worker_count : VIEW_UNKNOWN
	);
	add_retries_short(out, view);
	for (size_t i = 0; i < view->state.replay_count && view->state.source.is_known; i++) {
		buf_fmt(out, ", replay %s ", view->state.replays[i].id);
		add_number(out, view->state.replays[i].done);
		buf_fmt(out, " of %" PRId64, view->state.replays[i].records);
	}
	if (!view->state.source.is_known)
		buf_str(out, ", pause unknown");
	else if (view->state.control.is_paused)
		buf_str(out, ", paused");
	buf_str(out, "\n");
}

bool view_is_partial(const struct view *view) {
	bool is_partial = !view->rows.source.is_known || !view->lags.source.is_known ||
		!view->lags.workers_source.is_known || !view->state.source.is_known ||
		view->state.is_cursor_odd || view->state.limits.fault[0] != '\0' ||
		!view->letters.source.is_known || view->letters.open < 0;

	for (size_t i = 0; i < view->lags.topic_count; i++)
		is_partial |= view_sum(&view->lags, i).unknown > 0;
	return is_partial;
}
