// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target.
#include "common/targets/swift/report.h"

#include "common/metrics/metrics.h"
#include "common/target/event.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/reaper_report.h"
#include "common/targets/swift/reaping/reap.h"

static void report_ours(struct metrics *metrics, const struct event *event) {
	const struct reap *reap = event->work == NULL ? NULL : event->work->state;

	switch (event->kind) {
	case EVENT_PAGE:
		metrics_count(metrics, "scan.containers", event->value, NULL);
		break;
	case EVENT_PURGED:
		metrics_count(metrics, "containers.deleted", event->value, NULL);
		break;
	case EVENT_ENDED:
		if (reap != NULL && reap->counts.objects[REAPED_DELETED] > 0)
			metrics_count(
				metrics,
				"objects.deleted",
				reap->counts.objects[REAPED_DELETED],
				NULL
			);
		if (reap != NULL && reap->counts.absent > 0)
			metrics_count(metrics, "objects.absent", reap->counts.absent, NULL);
		break;
	case EVENT_FAILED:
		metrics_count(metrics, "containers.failed", event->value, NULL);
		break;
	default:
		break;
	}
}

void swift_report(const void *config, struct metrics *metrics, const struct event *event) {
	const struct swift_config *conf = config;

	if (metrics == NULL)
		return;
	if (conf->reaper_metrics == NULL)
		report_ours(metrics, event);
	else
		reaper_report(conf, metrics, event);
	if (event->kind != EVENT_PASS_END)
		return;
	metrics_timing(metrics, "purge.run.duration_ms", event->value, NULL);
	metrics_count(metrics, event->success ? "purge.run.success" : "purge.run.failure", 1, NULL);
}
