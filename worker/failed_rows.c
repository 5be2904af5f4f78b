// SPDX-License-Identifier: MPL-2.0
// failed_rows: rows that stay though their task is done.
//
// Every one of them is named, because an operator has to look at it: those that stay for the same
// cause in one line, as many as fit. So they do not count against the bound of failures that are
// logged.
#include "worker/failed_rows.h"

#include "common/base/log.h"
#include "common/target/event.h"
#include "common/target/target_remover.h"
#include "common/verdict.h"

#include <stdio.h>
#include <string.h>

enum { IDS_BYTES = 500 }; // a logged value is not longer

struct failed_line {
	char ids[IDS_BYTES];
	size_t ids_len;
	int64_t rows;
	enum reason reason;
	char words[sizeof(((struct row_words *)NULL)->words)];
};

static void write_line(struct log *log, const struct failed_line *line) {
	if (line->rows == 1)
		LOG(log,
		    LOG_LEVEL_WARNING,
		    "row failed",
		    log_str("id", line->ids),
		    log_str("reason", reason_name(line->reason)),
		    log_str("error", line->words));
	else if (line->rows > 1)
		LOG(log,
		    LOG_LEVEL_WARNING,
		    "rows failed",
		    log_int("rows", line->rows),
		    log_str("ids", line->ids),
		    log_str("reason", reason_name(line->reason)),
		    log_str("error", line->words));
}

static bool fits(const struct failed_line *line, const struct row_words *row) {
	return line->rows > 0 && line->reason == row->reason &&
		strcmp(line->words, row->words) == 0 &&
		line->ids_len + 1 + strlen(row->id) < IDS_BYTES;
}

static void add_row(struct log *log, struct failed_line *line, const struct row_words *row) {
	if (!fits(line, row)) {
		write_line(log, line);
		*line = (struct failed_line){.reason = row->reason};
		snprintf(line->words, sizeof(line->words), "%s", row->words);
	}
	line->ids_len += (size_t)snprintf(
		line->ids + line->ids_len,
		IDS_BYTES - line->ids_len,
		"%s%s",
		line->rows == 0 ? "" : " ",
		row->id
	);
	line->rows++;
}

void failed_rows_report(struct shift *shift, struct task *task) {
	int64_t failed[REASON_COUNT] = {0};
	struct failed_line line = {.rows = 0};

	for (int64_t i = 0; i < task->result.rows.failed; i++) {
		struct row_words row = {.reason = task->result.finding.reason};

		shift->target->remover->failed_row(shift->config, &task->work, i, &row);
		failed[row.reason]++;
		add_row(shift->log, &line, &row);
	}
	write_line(shift->log, &line);
	for (int reason = 0; reason < REASON_COUNT; reason++) {
		if (failed[reason] == 0)
			continue;
		shift->tally.failed[reason] += failed[reason];
		shift_report(
			shift,
			&(struct event){
				.kind = EVENT_FAILED,
				.work = &task->work,
				.reason = (enum reason)reason,
				.value = failed[reason],
			}
		);
	}
}
