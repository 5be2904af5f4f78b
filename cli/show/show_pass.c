// SPDX-License-Identifier: MPL-2.0
// show_pass: tells what a pass that publishes came to.
#include "cli/show/show_pass.h"

#include "common/base/log.h"
#include "common/text/moment.h"
#include "common/verdict.h"
#include "producer/guard.h"
#include "producer/outbox/publisher.h"
#include "producer/producer.h"

#include <inttypes.h>

void show_pass_plan(FILE *out, const struct pass_report *report, struct publisher *publisher) {
	struct publisher_counts counts;

	publisher_count(publisher, &counts);
	if (counts.partitions > 0)
		fprintf(out,
			"would publish %" PRId64 " candidates into %" PRId32 " partitions\n",
			counts.published,
			counts.partitions);
	else
		fprintf(out, "would publish: unknown\n");
	for (int32_t i = 0; i < counts.partitions; i++) {
		int64_t published = publisher_published_into(publisher, i);

		if (published > 0)
			fprintf(out, "  partition %" PRId32 ": %" PRId64 "\n", i, published);
	}
	for (int reason = 0; reason < REASON_COUNT; reason++)
		if (report->left[reason] > 0)
			fprintf(out,
				"left alone, %s: %" PRId64 "\n",
				reason_name((enum reason)reason),
				report->left[reason]);
	fprintf(out, "guard: %s\n", guard_outcome_name(report->guard.outcome));
	if (report->guard.message[0] != '\0')
		fprintf(out, "  %s\n", report->guard.message);
}

static int64_t sum(const int64_t counts[REASON_COUNT]) {
	int64_t total = 0;

	for (int reason = 0; reason < REASON_COUNT; reason++)
		total += counts[reason];
	return total;
}

void show_pass_end(struct log *log, const struct show_pass_facts *facts) {
	const struct pass_report *report = facts->report;
	const struct publisher_counts *counts = facts->counts;
	const struct log_field nothing = {0}; // the last one
	const struct log_field troubles = report->troubles > 0
		? log_int("troubles", report->troubles)
		: nothing;
	char oldest[MOMENT_BYTES];
	const char *state = facts->failed ? "failed" : report->stopped ? "stopped" : "complete";

	moment_format(report->oldest_due_ms, oldest);
	log_insist(log);
	LOG(log,
	    facts->failed ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
	    "pass ended",
	    log_str("state", state),
	    log_int("rows", report->rows),
	    log_int("pages", report->pages),
	    log_int("published", facts->dryrun ? 0 : counts->published),
	    log_int("acknowledged", counts->acknowledged),
	    log_int("left", sum(report->left)),
	    report->backlog < 0 ? log_str("backlog", NULL) : log_int("backlog", report->backlog),
	    log_str("guard", guard_outcome_name(report->guard.outcome)),
	    report->overdue < 0 ? log_str("overdue", NULL) : log_int("overdue", report->overdue),
	    log_str("oldest_due_at", report->overdue > 0 ? oldest : NULL),
	    counts->lag < 0 ? log_str("lag", NULL) : log_int("lag", counts->lag),
	    log_int("duration_ms", facts->duration_ms),
	    facts->failed ? log_str("error", report->message) : troubles,
	    facts->failed ? troubles : nothing);
}
