// SPDX-License-Identifier: MPL-2.0
// progress: one line on the terminal, or in the log.
#include "cli/show/progress.h"

#include "common/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE_BYTES = 256, COLUMNS_USUAL = 80 };

void progress_begin(struct progress *progress, bool is_terminal, int64_t now_ms) {
	*progress = (struct progress){
		.shown = is_terminal,
		.last_ms = now_ms,
		.next_ms = now_ms + (is_terminal ? PROGRESS_EVERY_MS : PROGRESS_LOG_MS),
	};
}

bool progress_is_due(const struct progress *progress, int64_t now_ms) {
	return now_ms >= progress->next_ms;
}

void progress_duration(char *out, int out_bytes, int64_t seconds) {
	if (seconds >= 3600)
		snprintf(
			out,
			(size_t)out_bytes,
			"%" PRId64 "h%02" PRId64 "m%02" PRId64 "s",
			seconds / 3600,
			seconds / 60 % 60,
			seconds % 60
		);
	else if (seconds >= 60)
		snprintf(
			out,
			(size_t)out_bytes,
			"%" PRId64 "m%02" PRId64 "s",
			seconds / 60,
			seconds % 60
		);
	else
		snprintf(out, (size_t)out_bytes, "%" PRId64 "s", seconds);
}

void progress_cut(char *line, int columns) {
	// The last column is left free: some terminals begin the next line when it is filled.
	size_t most = columns > 0 ? (size_t)columns - 1 : COLUMNS_USUAL - 1;

	if (strlen(line) > most)
		line[most] = '\0';
}

static int columns_of(int fd) {
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void measure(struct progress *progress, int64_t now_ms, int64_t done) {
	double elapsed_s = (double)(now_ms - progress->last_ms) / 1000.0;
	double rate;

	if (elapsed_s <= 0)
		return;
	rate = (double)(done - progress->last_done) / elapsed_s;
	progress->rate_per_s = progress->rate_per_s == 0 ? rate
							 : 0.7 * progress->rate_per_s + 0.3 * rate;
	progress->last_ms = now_ms;
	progress->last_done = done;
}

// How long it goes on, or why that cannot be told.
static void end_words(
	char *out, size_t out_bytes, const struct progress_counts *counts, double rate_per_s
) {
	char left[32];

	if (counts->stopping)
		snprintf(out, out_bytes, "stopping");
	else if (counts->nodes_waited > 0)
		snprintf(
			out,
			out_bytes,
			"waiting for %" PRId64 " node%s",
			counts->nodes_waited,
			counts->nodes_waited == 1 ? "" : "s"
		);
	else if (counts->total >= counts->done && rate_per_s >= 0.1) {
		int64_t rows = counts->total - counts->done;

		progress_duration(left, sizeof(left), (int64_t)((double)rows / rate_per_s) + 1);
		snprintf(out, out_bytes, "time left %s", left);
	} else
		snprintf(out, out_bytes, "time left unknown");
}

void progress_words(
	char *out, int out_bytes, const struct progress_counts *counts, double rate_per_s
) {
	int64_t done = counts->done, total = counts->total;
	char of[48] = "", postponed[48] = "", end[64];

	if (total >= 0)
		snprintf(
			of,
			sizeof(of),
			" of %" PRId64 " (%d%%)",
			total,
			total == 0 ? 100 : (int)(100 * (done < total ? done : total) / total)
		);
	if (counts->postponed > 0)
		snprintf(
			postponed, sizeof(postponed), ", %" PRId64 " postponed", counts->postponed
		);
	end_words(end, sizeof(end), counts, rate_per_s);
	snprintf(
		out,
		(size_t)out_bytes,
		"%" PRId64 "%s rows, %.0f rows/s, %" PRId64 " in work, %" PRId64 " failed%s, %s",
		done,
		of,
		rate_per_s,
		counts->in_work,
		counts->failed,
		postponed,
		end
	);
}

static void show_line(
	struct progress *progress,
	struct log *log,
	int64_t now_ms,
	const struct progress_counts *counts
) {
	char line[LINE_BYTES];

	measure(progress, now_ms, counts->done);
	progress_words(line, sizeof(line), counts, progress->rate_per_s);
	progress_cut(line, columns_of(STDERR_FILENO));
	log_passing(log, line);
}

static void log_line(struct log *log, const struct progress_counts *counts) {
	LOG(log,
	    LOG_LEVEL_INFO,
	    "run goes on",
	    log_int("done", counts->done),
	    counts->backlog < 0 ? log_str("backlog", NULL) : log_int("backlog", counts->backlog),
	    counts->total < 0 ? log_str("wanted", NULL) : log_int("wanted", counts->total),
	    log_int("purged", counts->purged),
	    log_int("failed", counts->failed),
	    log_int("postponed", counts->postponed),
	    log_int("in_work", counts->in_work));
}

void progress_tell(
	struct progress *progress,
	struct log *log,
	int64_t now_ms,
	const struct progress_counts *counts
) {
	if (progress->shown)
		show_line(progress, log, now_ms, counts);
	else
		log_line(log, counts);
	progress->next_ms = now_ms + (progress->shown ? PROGRESS_EVERY_MS : PROGRESS_LOG_MS);
}

void progress_end(struct progress *progress, struct log *log) {
	if (progress->shown)
		log_passing(log, "");
	progress->shown = false;
}
