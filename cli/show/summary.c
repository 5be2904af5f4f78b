// SPDX-License-Identifier: MPL-2.0
// summary: the end of a run in a few lines.
#include "cli/show/summary.h"

#include "cli/show/outcome.h"
#include "cli/show/progress.h"
#include "common/base/outlet.h"
#include "common/verdict.h"
#include "worker/task/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void show_reasons(
	FILE *out, const char *what, int64_t sum, const int64_t counts[REASON_COUNT]
) {
	const char *before = " (";

	fprintf(out, "  %s: %" PRId64, what, sum);
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		if (counts[reason] == 0)
			continue;
		fprintf(out, "%s%s %" PRId64, before, reason_name(reason), counts[reason]);
		before = ", ";
	}
	fputs(sum == 0 ? "\n" : ")\n", out);
}

static void write_summary(FILE *out, const struct outcome *outcome) {
	const struct tally *tally = &outcome->tally;
	double seconds = (double)outcome->duration_ms / 1000.0;
	char pause[32];

	fprintf(out,
		"run %s in %.1f s: %" PRId64 " rows %s",
		outcome_name(outcome->state),
		seconds,
		tally->purged,
		outcome->dryrun ? "would be purged" : "purged");
	// Of a dry run they would read like a forecast.
	if (!outcome->dryrun)
		fprintf(out, ", %.0f/s", seconds > 0 ? (double)tally->purged / seconds : 0.0);
	if (!outcome->dryrun && outcome->calls != NULL)
		fprintf(out, ", %" PRId64 " node DELETEs", tally->requests_done);
	fputc('\n', out);
	if (tally->removed_bytes > 0)
		fprintf(out, "  storage freed: %" PRId64 " bytes\n", tally->removed_bytes);
	if (outcome->report.troubles > 0)
		fprintf(out,
			"  could not be looked at: %" PRId64 ", see the log\n",
			outcome->report.troubles);
	if (tally->gone > 0)
		fprintf(out, "  removed by somebody else: %" PRId64 "\n", tally->gone);
	show_reasons(out, "left alone", tally_left(tally), tally->left);
	show_reasons(out, "failed", tally_failed(tally), tally->failed);
	if (outcome->defers && tally_failed(tally) > 0)
		fprintf(out, "  deferred, of those: %" PRId64 "\n", tally->deferred);
	show_reasons(out, "postponed", tally_postponed(tally), tally->postponed);
	if (outcome->in_work > 0)
		fprintf(out, "  in work when it ended, gone or not: %" PRId64 "\n", outcome->in_work
		);
	if (outcome->error[0] != '\0')
		fprintf(out, "  error: %s\n", outcome->error);
	if (outcome->goes_on && outcome->next_run_in_ms < 0) {
		fprintf(out, "  next run when it is asked for\n");
	} else if (outcome->goes_on) {
		progress_duration(pause, sizeof(pause), outcome->next_run_in_ms / 1000);
		fprintf(out, "  next run in %s\n", pause);
	}
}

void summary_show(int fd, const struct outcome *outcome) {
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return;
	write_summary(out, outcome);
	if (fclose(out) == 0)
		outlet_say(fd, text);
	free(text);
}
