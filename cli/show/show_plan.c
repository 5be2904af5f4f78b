// SPDX-License-Identifier: MPL-2.0
// show_plan: prints what a dry run found.
#include "cli/show/show_plan.h"

#include "cli/show/outcome.h"
#include "common/verdict.h"
#include "producer/guard.h"
#include "worker/task/plan.h"

#include <inttypes.h>
#include <time.h>

static void show_time(FILE *out, int64_t ms) {
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char text[32];

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		fprintf(out, "%" PRId64, ms);
	else
		fputs(text, out);
}

static void show_lines(FILE *out, const struct plan *plan) {
	if (plan_count(plan) > 0)
		fprintf(out,
			"  %-51s %10s  %-44s  %s\n",
			"",
			"rows",
			"the oldest to the newest",
			"where");
	for (size_t i = 0; i < plan_count(plan); i++) {
		const struct plan_line *line = plan_line(plan, i);

		fprintf(out, "  would purge: %-38s %10" PRId64 "  ", line->outcome, line->count);
		show_time(out, line->oldest_at);
		fputs(" to ", out);
		show_time(out, line->newest_at);
		fprintf(out, "%s%s\n", line->where[0] == '\0' ? "" : "  ", line->where);
	}
}

static void show_reasons(FILE *out, const char *what, const int64_t counts[REASON_COUNT]) {
	for (enum reason reason = 0; reason < REASON_COUNT; reason++)
		if (counts[reason] > 0)
			fprintf(out,
				"  %-12s %-38s %10" PRId64 "\n",
				what,
				reason_name(reason),
				counts[reason]);
}

void show_plan(FILE *out, const struct outcome *outcome, const struct plan *plan) {
	const struct guard_verdict *guard = &outcome->report.guard;

	fprintf(out, "Dry run: nothing was sent or changed.\n");
	if (outcome->report.backlog >= 0)
		fprintf(out, "  rows old enough: %" PRId64 "\n", outcome->report.backlog);
	else
		fprintf(out,
			"  rows old enough: unknown%s\n",
			guard->outcome == GUARD_NOT_ASKED ? "" : " (not counted in time)");
	if (outcome->report.wanted < outcome->report.backlog)
		fprintf(out, "  limits let go of them: %" PRId64 "\n", outcome->report.wanted);
	show_lines(out, plan);
	show_reasons(out, "would leave:", outcome->tally.left);
	show_reasons(out, "would fail:", outcome->tally.failed);
	fprintf(out, "  guard: %s\n", guard_outcome_name(guard->outcome));
	if (outcome->error[0] != '\0')
		fprintf(out, "  a real run would fail: %s\n", outcome->error);
	fflush(out);
}
