// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target.
#include "common/targets/softdelete/report.h"

#include "common/metrics/metrics.h"

void softdelete_report(const void *config, struct metrics *metrics, const struct event *event) {
	(void)config;
	switch (event->kind) {
	case EVENT_BACKLOG:
		metrics_gauge(metrics, "purge.backlog.size", event->value, NULL);
		break;
	case EVENT_OVERDUE:
		metrics_gauge(metrics, "purge.overdue.size", event->value, NULL);
		break;
	case EVENT_PAGE:
		metrics_count(metrics, "purge.batch.fetched", event->value, NULL);
		break;
	case EVENT_PURGED:
		metrics_count(metrics, "rows.deleted", event->value, NULL);
		break;
	case EVENT_FAILED:
		metrics_count(
			metrics,
			"rows.failed",
			event->value,
			event->reason == REASON_BLOCKED ? "reason:blocked" : NULL
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
