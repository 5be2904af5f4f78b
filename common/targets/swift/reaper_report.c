// SPDX-License-Identifier: MPL-2.0
// reaper_report: the metrics of this target by the names of Swift's own reaper.
//
// Metrics begin with: account-reaper
// Source: AccountReaper of Swift 2.38.3.
#include "common/targets/swift/reaper_report.h"

#include "common/metrics/metrics.h"
#include "common/target/event.h"
#include "common/targets/swift/book/account_book.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/reaping/reap.h"

// So many answers may be untold: a container with many objects is in work for long.
enum { ANSWERS_UNTOLD_MOST = 256 };

static void count_up(struct metrics *metrics, const char *name, int64_t now, int64_t *told) {
	if (now > *told)
		metrics_count(metrics, name, now - *told, NULL);
	*told = now;
}

static int64_t answers_of(const struct counts *counts) {
	int64_t answers = counts->container_failures + counts->object_failures;

	for (size_t i = 0; i < sizeof(counts->codes) / sizeof(counts->codes[0]); i++)
		answers += counts->codes[i];
	return answers;
}

static void report_counts(struct metrics *metrics, struct reap *reap) {
	static const char *const containers[REAPED_KINDS] = {
		[REAPED_DELETED] = "containers_deleted",
		[REAPED_REMAINING] = "containers_remaining",
		[REAPED_POSSIBLY] = "containers_possibly_remaining",
	};
	static const char *const codes[] = {
		"return_codes.0",
		"return_codes.1",
		"return_codes.2",
		"return_codes.3",
		"return_codes.4",
		"return_codes.5",
	};
	static const char *const objects[REAPED_KINDS] = {
		[REAPED_DELETED] = "objects_deleted",
		[REAPED_REMAINING] = "objects_remaining",
		[REAPED_POSSIBLY] = "objects_possibly_remaining",
	};
	const struct counts *now = &reap->counts;
	struct counts *told = &reap->reported;

	for (size_t i = 0; i < sizeof(now->codes) / sizeof(now->codes[0]); i++)
		count_up(metrics, codes[i], now->codes[i], &told->codes[i]);
	for (int i = 0; i < REAPED_KINDS; i++) {
		count_up(metrics, containers[i], now->containers[i], &told->containers[i]);
		count_up(metrics, objects[i], now->replies[i], &told->replies[i]);
	}
	count_up(
		metrics, "containers_failures", now->container_failures, &told->container_failures
	);
	count_up(metrics, "objects_failures", now->object_failures, &told->object_failures);
}

static void report_book(struct metrics *metrics, struct account_book *book) {
	int64_t errors = account_book_take_errors(book);
	int64_t time_ms;

	if (errors > 0)
		metrics_count(metrics, "errors", errors, NULL);
	while (account_book_take_time(book, &time_ms))
		metrics_timing(metrics, "timing", time_ms, NULL);
}

void reaper_report(
	const struct swift_config *config, struct metrics *metrics, const struct event *event
) {
	struct reap *reap = event->work == NULL ? NULL : event->work->state;
	bool is_answer = event->kind == EVENT_ANSWER;

	if (reap != NULL && (is_answer || event->kind == EVENT_ENDED) &&
	    (!is_answer ||
	     answers_of(&reap->counts) - answers_of(&reap->reported) >= ANSWERS_UNTOLD_MOST))
		report_counts(metrics, reap);
	if (!is_answer)
		report_book(metrics, config->book);
}
