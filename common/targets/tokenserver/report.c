// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target.
#include "common/targets/tokenserver/report.h"

#include "common/metrics/metrics.h"
#include "common/targets/tokenserver/state.h"

static const char type_force[] = "type:force";

static const char *failure_tag(enum reason reason) {
	switch (reason) {
	case REASON_HTTP_4XX:
		return "reason:http_4xx";
	case REASON_HTTP_5XX:
		return "reason:http_5xx";
	case REASON_HTTP_OTHER:
		return "reason:http_other";
	case REASON_TIMEOUT:
		return "reason:timeout";
	case REASON_CONNECT:
		return "reason:connect";
	default:
		return "reason:unknown";
	}
}

static void report_purged(struct metrics *metrics, const struct state *state) {
	if (state->held_back)
		metrics_count(metrics, "override", 1, NULL);
	if (state->nodeless)
		metrics_count(metrics, "delete_user", 1, "type:nodeless");
	else if (state->forced)
		metrics_count(metrics, "delete_data", 1, type_force);
	else
		metrics_count(metrics, "delete_user", 1, "type:not_down");
}

static void report_work(struct metrics *metrics, const struct event *event) {
	const struct state *state = event->work->state;

	switch (event->kind) {
	case EVENT_ANSWER:
		if (event->answer->status >= 400 && event->answer->status != 404)
			metrics_count(metrics, "error.gone", 1, NULL);
		break;
	case EVENT_REQUEST_DONE:
		metrics_count(metrics, "delete_data", 1, state->forced ? type_force : NULL);
		break;
	case EVENT_PURGED:
		report_purged(metrics, state);
		break;
	case EVENT_FAILED:
		metrics_count(metrics, "row_failure", 1, failure_tag(event->reason));
		break;
	default:
		break;
	}
}

void tokenserver_report(const void *config, struct metrics *metrics, const struct event *event) {
	(void)config;
	switch (event->kind) {
	case EVENT_BACKLOG:
		metrics_gauge(metrics, "purge.backlog.size", event->value, NULL);
		break;
	case EVENT_OVERDUE:
		metrics_gauge(metrics, "purge.overdue.size", event->value, NULL);
		break;
	case EVENT_PAGE:
		if (event->value > 0)
			metrics_count(metrics, "purge.batch.fetched", event->value, NULL);
		break;
	case EVENT_DEFER_FAILED:
		metrics_count(metrics, "row_failure_bump_failed", 1, NULL);
		break;
	case EVENT_LIMIT:
		metrics_count(metrics, "max_records", 1, NULL);
		break;
	case EVENT_PASS_END:
		metrics_timing(metrics, "purge.run.duration_ms", event->value, NULL);
		metrics_count(
			metrics, event->success ? "purge.run.success" : "purge.run.failure", 1, NULL
		);
		break;
	default:
		report_work(metrics, event);
		break;
	}
}
