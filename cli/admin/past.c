// SPDX-License-Identifier: MPL-2.0
// past: what one look at the numbers cannot say.
#include "cli/admin/past.h"

void past_init(struct past *past) {
	*past = (struct past){
		.scan =
			{
				.backlog = NUMBER_UNKNOWN,
				.overdue = NUMBER_UNKNOWN,
				.overdue_ms = NUMBER_UNKNOWN,
				.overdue_counted_ms = NUMBER_UNKNOWN,
				.success_ms = NUMBER_UNKNOWN,
				.duration_ms = NUMBER_UNKNOWN,
			},
		.database = NUMBER_UNKNOWN,
		.candidate_ended_ms = NUMBER_UNKNOWN,
		.page_read_ms = NUMBER_UNKNOWN,
		.database_ms = NUMBER_UNKNOWN,
	};
}

static void add_report(struct scan_numbers *scan, const struct pass_report *report) {
	scan->pages += report->pages;
	scan->rows += report->rows;
	for (int i = 0; i < REASON_COUNT; i++)
		scan->left[i] += report->left[i];
	if (report->backlog >= 0)
		scan->backlog = report->backlog;
}

static void note_overdue(
	struct scan_numbers *scan, const struct pass_report *report, int64_t now_wall_ms
) {
	if (!report->has_all_overdue)
		return;
	scan->overdue = report->overdue;
	scan->overdue_ms = report->overdue > 0 ? report->oldest_due_ms : NUMBER_UNKNOWN;
	scan->overdue_counted_ms = now_wall_ms;
}

void past_note_pass(
	struct past *past,
	const struct pass_report *report,
	const struct publisher_counts *counts,
	bool succeeded,
	int64_t duration_ms,
	int64_t now_wall_ms
) {
	// Of produce only a rest or the end stops a pass; the next one goes on from there.
	bool is_broken_off = counts != NULL && report->stopped;

	add_report(&past->scan, report);
	note_overdue(&past->scan, report, now_wall_ms);
	past->ended_started_ms = report->started_wall_ms;
	past->published += counts == NULL ? 0 : counts->published;
	if (succeeded && is_broken_off)
		return;
	past->scan.duration_ms = duration_ms;
	if (succeeded) {
		past->scan.succeeded++;
		past->scan.success_ms = now_wall_ms;
	} else {
		past->scan.failed++;
	}
}

void past_stand_by(struct past *past) {
	past->scan.overdue = NUMBER_UNKNOWN;
	past->scan.overdue_ms = NUMBER_UNKNOWN;
	past->scan.overdue_counted_ms = NUMBER_UNKNOWN;
}

void past_add_scan(
	const struct past *past, const struct pass_report *running, struct scan_numbers *out
) {
	*out = past->scan;
	out->is_running = running != NULL;
	if (running != NULL && running->started_wall_ms != past->ended_started_ms)
		add_report(out, running);
}

void past_add_publisher(
	const struct past *past,
	const struct publisher_counts *running,
	struct publisher_numbers *out
) {
	out->published = past->published;
	out->is_waiting = 0;
	if (running == NULL)
		return;
	out->published += running->published;
	out->unacknowledged = running->published - running->acknowledged;
	out->lag = running->lag;
	out->is_waiting = running->is_waiting;
}

static int64_t count_ended(const struct tally *tally) {
	int64_t sum = 0;

	for (int end = 0; end < TALLY_ENDS; end++)
		for (int reason = 0; reason < REASON_COUNT; reason++)
			sum += tally->ended[end][reason];
	return sum;
}

static void date(int64_t *seen, int64_t now, int64_t *changed_ms, int64_t now_wall_ms) {
	if (*seen != now)
		*changed_ms = now_wall_ms;
	*seen = now;
}

void past_date(struct past *past, int64_t now_wall_ms, struct numbers *numbers) {
	date(&past->candidates_ended,
	     count_ended(&numbers->worker.tally),
	     &past->candidate_ended_ms,
	     now_wall_ms);
	date(&past->pages, numbers->scan.pages, &past->page_read_ms, now_wall_ms);
	date(&past->database, numbers->database, &past->database_ms, now_wall_ms);
	numbers->candidate_ended_ms = past->candidate_ended_ms;
	numbers->page_read_ms = past->page_read_ms;
	numbers->database_ms = past->database_ms;
}
