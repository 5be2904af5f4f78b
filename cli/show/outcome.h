// SPDX-License-Identifier: MPL-2.0
// outcome: what a run came to: its state, its exit status, and how both are told. Thread: loop.
#pragma once

#include "producer/producer.h"
#include "worker/task/tally.h"

#include <stdbool.h>
#include <stdint.h>

struct log;

enum outcome_state {
	// Reached its end; every row was purged or rightly left.
	OUTCOME_COMPLETE,
	// Reached its end; some rows failed or were postponed, or could not be looked at.
	OUTCOME_PARTIAL,
	// Ended early because the operator wanted it.
	OUTCOME_STOPPED,
	OUTCOME_FAILED, // the run itself failed
};

struct target_calls;

struct outcome {
	enum outcome_state state;
	bool dryrun;
	const struct target_calls *calls; // NULL: it has none
	bool defers; // failed rows
	bool goes_on; // there will be a next run
	int64_t next_run_in_ms; // -1: when one is asked for
	struct pass_report report;
	// Rows passed over by the scan included.
	struct tally tally;
	// Rows that were, when the run was cut off: they are gone, or not.
	int64_t in_work;
	int64_t duration_ms;
	// The first node that refused all that was sent; NULL: none.
	const char *stopped_node;
	char error[PASS_ERROR_BYTES]; // when failed: why
};

// Pure; what the caller knows (calls, dryrun to next_run_in_ms, duration_ms, stopped_node) is set
// before. `fatal`: why the worker could not go on, or NULL. `asked_to_stop`: by the operator.
void outcome_decide(
	struct outcome *outcome,
	const struct pass_report *report,
	const struct tally *tally,
	const char *fatal,
	bool asked_to_stop
);
const char *outcome_name(enum outcome_state state);
int outcome_exit_status(const struct outcome *outcome, bool failures_exit_0);

// One log line with all totals.
void outcome_log(const struct outcome *outcome, struct log *log);
