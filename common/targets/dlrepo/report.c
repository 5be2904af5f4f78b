// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target.
#include "common/targets/dlrepo/report.h"

#include "common/metrics/metrics.h"
#include "common/targets/dlrepo/state.h"

static bool is_tag(const struct event *event) {
	const struct state *state = event->work->state;

	return state != NULL && state->record.kind == RECORD_TAG;
}

void dlrepo_report(const void *config, struct metrics *metrics, const struct event *event) {
	(void)config;
	switch (event->kind) {
	case EVENT_BACKLOG:
		metrics_gauge(metrics, "orphans.backlog", event->value, NULL);
		break;
	case EVENT_PAGE:
		metrics_count(metrics, "scan.looked_at", event->value, NULL);
		break;
	case EVENT_PURGED:
		metrics_count(
			metrics,
			is_tag(event) ? "tags.deleted" : "orphans.deleted",
			event->value,
			NULL
		);
		break;
	case EVENT_FAILED:
		metrics_count(
			metrics,
			is_tag(event) ? "tags.failed" : "orphans.failed",
			event->value,
			NULL
		);
		break;
	case EVENT_PASS_END:
		metrics_timing(metrics, "purge.run.duration_ms", event->value, NULL);
		metrics_count(
			metrics, event->success ? "purge.run.success" : "purge.run.failure", 1, NULL
		);
		break;
	default:
		break;
	}
}
