// SPDX-License-Identifier: MPL-2.0
// outcome: what a run came to.
#include "cli/show/outcome.h"

#include "cli/front/command.h"
#include "common/base/log.h"
#include "common/target/target_calls.h"
#include "common/text/moment.h"
#include "common/verdict.h"
#include "producer/guard.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 80 };

static bool node_trouble(const struct tally *tally) {
	int64_t postponed = 0;

	for (int reason = 0; reason < REASON_COUNT; reason++)
		postponed += reason_is_of_node((enum reason)reason) ? tally->postponed[reason] : 0;
	return tally->failed[REASON_HTTP_4XX] + tally->failed[REASON_HTTP_5XX] +
		tally->failed[REASON_HTTP_OTHER] + tally->failed[REASON_TIMEOUT] +
		tally->failed[REASON_CONNECT] + postponed >
		0;
}

static void say_refused(struct outcome *outcome) {
	int64_t others = outcome->tally.lanes_stopped - 1;
	char more[40] = "";

	if (others > 0)
		snprintf(more, sizeof(more), " (and %" PRId64 " more)", others);
	snprintf(
		outcome->error,
		sizeof(outcome->error),
		"node %s%s %s; %s",
		outcome->stopped_node == NULL ? "?" : outcome->stopped_node,
		more,
		outcome->calls->denied_outcome,
		outcome->calls->denied_remedy
	);
}

static void say_nothing_purged(struct outcome *outcome) {
	int64_t denied = outcome->tally.denied;
	char more[80] = "check the nodes";

	if (denied > 0)
		snprintf(
			more,
			sizeof(more),
			"%" PRId64 " rows got 401 or 403: %s",
			denied,
			outcome->calls->denied_remedy
		);
	snprintf(
		outcome->error,
		sizeof(outcome->error),
		"requests failed and nothing at all was purged; %s",
		more
	);
}

// Nodes delete what keeps its row, and each run has them delete it again: that is no run in which
// some rows failed.
static bool no_row_goes(const struct tally *tally) {
	return tally->unremoved > 0 && tally->purged + tally->gone == 0;
}

// Did the run itself fail? Then `error` says why.
static bool has_failed(struct outcome *outcome, const char *fatal, bool asked_to_stop) {
	const struct guard_verdict *guard = &outcome->report.guard;
	const struct tally *tally = &outcome->tally;
	const char *why = NULL;

	if (outcome->report.error < 0)
		why = outcome->report.message;
	else if (fatal != NULL)
		why = fatal;
	else if (outcome->report.obstacle[0] != '\0')
		why = outcome->report.obstacle;
	else if (guard->outcome == GUARD_REFUSED || guard->outcome == GUARD_UNKNOWN)
		why = guard->message;
	else if (tally->lanes_stopped > 0)
		say_refused(outcome);
	else if (!asked_to_stop && node_trouble(tally) && tally->purged + tally->gone == 0)
		say_nothing_purged(outcome);
	else if (!asked_to_stop && no_row_goes(tally))
		why = "no row could be removed though the nodes deleted; look at the database";
	if (why != NULL)
		snprintf(outcome->error, sizeof(outcome->error), "%s", why);
	return outcome->error[0] != '\0';
}

void outcome_decide(
	struct outcome *outcome,
	const struct pass_report *report,
	const struct tally *tally,
	const char *fatal,
	bool asked_to_stop
) {
	outcome->error[0] = '\0';
	outcome->report = *report;
	outcome->tally = *tally;
	tally_add_left(&outcome->tally, report->left);
	// Somebody else was first, between the scan's two looks.
	outcome->tally.gone += outcome->tally.left[REASON_GONE];
	outcome->tally.left[REASON_GONE] = 0;
	if (has_failed(outcome, fatal, asked_to_stop))
		outcome->state = OUTCOME_FAILED;
	else if (asked_to_stop)
		outcome->state = OUTCOME_STOPPED;
	else if (tally_failed(tally) + tally_postponed(tally) + report->troubles > 0)
		outcome->state = OUTCOME_PARTIAL;
	else
		outcome->state = OUTCOME_COMPLETE;
}

const char *outcome_name(enum outcome_state state) {
	static const char *const names[] = {
		[OUTCOME_COMPLETE] = "complete",
		[OUTCOME_PARTIAL] = "partial",
		[OUTCOME_STOPPED] = "stopped",
		[OUTCOME_FAILED] = "failed",
	};

	return names[state];
}

int outcome_exit_status(const struct outcome *outcome, bool failures_exit_0) {
	switch (outcome->state) {
	case OUTCOME_FAILED:
		return EXIT_FAILED;
	case OUTCOME_PARTIAL:
		return failures_exit_0 ? EXIT_COMPLETE : EXIT_PARTIAL;
	default:
		return EXIT_COMPLETE;
	}
}

struct fields {
	struct log_field list[FIELDS_MAX];
	char names[3 * REASON_COUNT][40];
	size_t count;
	size_t name_count;
};

static void add(struct fields *fields, struct log_field field) {
	if (fields->count + 1 < FIELDS_MAX)
		fields->list[fields->count++] = field;
}

// Unknown is null, never 0.
static void add_known(struct fields *fields, const char *key, int64_t value) {
	add(fields, value < 0 ? log_str(key, NULL) : log_int(key, value));
}

static void add_reasons(
	struct fields *fields, const char *prefix, const int64_t counts[REASON_COUNT]
) {
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		char *name = fields->names[fields->name_count];

		if (counts[reason] == 0)
			continue;
		snprintf(name, sizeof(fields->names[0]), "%s_%s", prefix, reason_name(reason));
		fields->name_count++;
		add(fields, log_int(name, counts[reason]));
	}
}

static double rate(const struct outcome *outcome) {
	if (outcome->duration_ms <= 0)
		return 0;
	return round((double)outcome->tally.purged * 10000 / (double)outcome->duration_ms) / 10.0;
}

void outcome_log(const struct outcome *outcome, struct log *log) {
	static const enum log_level levels[] = {
		[OUTCOME_COMPLETE] = LOG_LEVEL_INFO,
		[OUTCOME_PARTIAL] = LOG_LEVEL_WARNING,
		[OUTCOME_STOPPED] = LOG_LEVEL_INFO,
		[OUTCOME_FAILED] = LOG_LEVEL_ERROR,
	};
	const struct tally *tally = &outcome->tally;
	struct fields fields = {0};
	char oldest[MOMENT_BYTES];

	add(&fields, log_str("state", outcome_name(outcome->state)));
	if (outcome->error[0] != '\0')
		add(&fields, log_str("error", outcome->error));
	if (outcome->dryrun)
		add(&fields, log_bool("dryrun", true));
	add(&fields, log_int(outcome->dryrun ? "would_purge" : "purged", tally->purged));
	add(&fields, log_int("removed_rows", outcome->dryrun ? 0 : tally->removed_in_all));
	if (tally->removed_bytes > 0)
		add(&fields, log_int("removed_bytes", tally->removed_bytes));
	add(&fields, log_int("gone", tally->gone));
	add(&fields, log_int("node_deletes", tally->requests_done));
	add(&fields, log_int("left", tally_left(tally)));
	add_reasons(&fields, "left", tally->left);
	add(&fields, log_int("failed", tally_failed(tally)));
	add_reasons(&fields, "failed", tally->failed);
	if (outcome->defers)
		add(&fields, log_int("deferred", tally->deferred));
	add(&fields, log_int("postponed", tally_postponed(tally)));
	add_reasons(&fields, "postponed", tally->postponed);
	if (outcome->in_work > 0)
		add(&fields, log_int("in_work", outcome->in_work));
	add_known(&fields, "backlog", outcome->report.backlog);
	if (outcome->report.wanted != outcome->report.backlog)
		add_known(&fields, "wanted", outcome->report.wanted);
	add(&fields, log_str("guard", guard_outcome_name(outcome->report.guard.outcome)));
	if (outcome->report.troubles > 0)
		add(&fields, log_int("troubles", outcome->report.troubles));
	add(&fields, log_int("rows", outcome->report.rows));
	add(&fields, log_int("pages", outcome->report.pages));
	add_known(&fields, "overdue", outcome->report.overdue);
	moment_format(outcome->report.oldest_due_ms, oldest);
	add(&fields, log_str("oldest_due_at", outcome->report.overdue > 0 ? oldest : NULL));
	add(&fields, log_int("requests", tally->requests));
	add(&fields, log_int("retries", tally->retries));
	add(&fields, log_int("rechecked", tally->rechecked));
	add(&fields, log_int("duration_ms", outcome->duration_ms));
	add(&fields, log_dbl("rate_per_s", rate(outcome)));
	if (outcome->goes_on && outcome->next_run_in_ms >= 0)
		add(&fields, log_int("next_run_in_s", outcome->next_run_in_ms / 1000));
	log_insist(log);
	log_write(log, levels[outcome->state], "run ended", fields.list);
}
