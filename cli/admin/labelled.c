// SPDX-License-Identifier: MPL-2.0
// labelled: the samples of the series that have more than one.
#include "cli/admin/labelled.h"

#include "common/verdict.h"
#include "worker/task/tally.h"

#include <stdbool.h>

void labelled_put(
	const struct series *series,
	const struct series_sink *sink,
	const struct series_label *labels,
	size_t count,
	int64_t value
) {
	struct series_sample sample = {
		.series = series,
		.labels = {{"target", sink->of->target}},
		.label_count = 1 + count,
		.value = value,
	};

	if (value < 0)
		return;
	for (size_t i = 0; i < count; i++)
		sample.labels[1 + i] = labels[i];
	sink->put(sink->ctx, &sample);
}

static void put_one(
	const struct series *series,
	const struct series_sink *sink,
	const char *label,
	const char *text,
	int64_t value
) {
	labelled_put(series, sink, &(struct series_label){label, text}, 1, value);
}

void labelled_build(const struct series *series, const struct series_sink *sink) {
	const struct series_label labels[] = {
		{"version", sink->of->version}, {"command", sink->of->command}};

	labelled_put(series, sink, labels, 2, 1);
}

// A series is there from the start when it can be expected: of one that comes with its first value
// nobody sees the rise.
static bool is_expected(enum tally_end end, enum reason reason) {
	switch (end) {
	case END_PURGED:
	case END_GONE:
	case END_PLANNED:
		return reason == REASON_NONE;
	case END_LEFT:
		return reason >= REASON_YOUNG && reason <= REASON_BLOCKED;
	case END_FAILED:
	case END_POSTPONED:
		return reason >= REASON_HTTP_4XX && reason <= REASON_HELD;
	case END_TAKEN_AWAY:
		return reason == REASON_STOPPED;
	case TALLY_ENDS:
		break;
	}
	return false;
}

void labelled_ended(const struct series *series, const struct series_sink *sink) {
	const struct tally *tally = &sink->numbers->worker.tally;

	for (int end = 0; end < TALLY_ENDS; end++)
		for (int reason = 0; reason < REASON_COUNT; reason++) {
			int64_t count = tally->ended[end][reason];
			const struct series_label labels[] = {
				{"verdict", tally_end_name((enum tally_end)end)},
				{"reason", reason_name((enum reason)reason)}};

			if (count > 0 || is_expected((enum tally_end)end, (enum reason)reason))
				labelled_put(series, sink, labels, 2, count);
		}
}

void labelled_answers(const struct series *series, const struct series_sink *sink) {
	for (int i = 0; i < TALLY_ANSWERS; i++)
		put_one(series,
			sink,
			"answer",
			tally_answer_name((enum tally_answer)i),
			sink->numbers->worker.tally.answers[i]);
}

void labelled_left(const struct series *series, const struct series_sink *sink) {
	for (int i = REASON_YOUNG; i < REASON_COUNT; i++) {
		int64_t left = sink->numbers->scan.left[i];

		if (left > 0 || i <= REASON_BLOCKED)
			put_one(series, sink, "reason", reason_name((enum reason)i), left);
	}
}

static void put_nodes(const struct series *series, const struct series_sink *sink, size_t offset) {
	const struct worker_view *worker = &sink->numbers->worker;

	for (size_t i = 0; i <= WORKER_NODES_MAX; i++) {
		const struct worker_node *node = &worker->nodes[i];
		bool is_sum = i == WORKER_NODES_MAX;

		if (is_sum ? worker->has_others != 0 : i < worker->node_count)
			put_one(series,
				sink,
				"node",
				is_sum ? "other" : node->origin,
				*(const int64_t *)(const void *)((const char *)node + offset));
	}
}

void labelled_in_flight(const struct series *series, const struct series_sink *sink) {
	put_nodes(series, sink, offsetof(struct worker_node, in_flight));
}

void labelled_queued(const struct series *series, const struct series_sink *sink) {
	put_nodes(series, sink, offsetof(struct worker_node, queued));
}

void labelled_stopped(const struct series *series, const struct series_sink *sink) {
	put_nodes(series, sink, offsetof(struct worker_node, stopped));
}

void labelled_open(const struct series *series, const struct series_sink *sink) {
	put_nodes(series, sink, offsetof(struct worker_node, open));
}

void labelled_expired(const struct series *series, const struct series_sink *sink) {
	const struct source_counts *counts = &sink->numbers->source.counts;

	put_one(series, sink, "reason", "life", counts->expired);
	put_one(series, sink, "reason", "retention", counts->expired_unread);
}

void labelled_held(const struct series *series, const struct series_sink *sink) {
	put_one(series, sink, "topic", "candidates", sink->numbers->source.held);
	put_one(series, sink, "topic", "retry", sink->numbers->source.held_retries);
}

void labelled_letters(const struct series *series, const struct series_sink *sink) {
	const struct letter_numbers *letters = &sink->numbers->letters;

	put_one(series, sink, "state", "open", letters->open);
	put_one(series, sink, "state", "solved", letters->solved);
	put_one(series, sink, "state", "unknown", letters->unknown);
}

void labelled_lag(const struct series *series, const struct series_sink *sink) {
	put_one(series, sink, "topic", "candidates", sink->numbers->source.lag);
	put_one(series, sink, "topic", "retry", sink->numbers->source.lag_retries);
}
