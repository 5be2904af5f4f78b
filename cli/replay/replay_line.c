// SPDX-License-Identifier: MPL-2.0
// replay_line: a replay and its progress in words.
#include "cli/replay/replay_line.h"

#include "common/text/moment.h"

#include <inttypes.h>
#include <stdbool.h>

static bool is_empty(const struct replay_span *span) {
	return span->start >= span->end;
}

// --- for people

static void add_number(struct buf *out, int64_t number) {
	if (number < 0)
		buf_str(out, "unknown");
	else
		buf_fmt(out, "%" PRId64, number);
}

static void add_filters(struct buf *out, const struct replay *replay) {
	if (replay->has_range_start)
		buf_fmt(out, "only uids:   greater than %" PRId64 "\n", replay->range_start);
	if (replay->has_range_end)
		buf_fmt(out, "only uids:   less than %" PRId64 "\n", replay->range_end);
	if (replay->node[0] != '\0')
		buf_fmt(out, "only node:   %s\n", replay->node);
}

static void add_partitions(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
) {
	for (size_t i = 0; i < replay->count; i++) {
		const struct replay_span *span = &replay->spans[i];

		if (is_empty(span))
			continue;
		buf_fmt(out, "partition %zu: %" PRId64 " to %" PRId64, i, span->start, span->end);
		if (progress->at == NULL)
			buf_str(out, ", unknown\n");
		else if (progress->at[i] < 0)
			buf_str(out, ", not begun\n");
		else if (progress->at[i] == span->end)
			buf_str(out, ", done\n");
		else
			buf_fmt(out, ", done up to %" PRId64 "\n", progress->at[i]);
	}
}

static const char *state_of(const struct replay *replay, const struct replay_progress *progress) {
	int64_t done = replay_progress_done(progress, replay);

	if (done < 0)
		return "unknown";
	if (done == replay_records(replay))
		return "done";
	if (replay_progress_is_bare(progress, replay))
		return "not begun";
	return progress->workers == 0 ? "begun, and no worker is at it" : "in work";
}

void replay_line_text(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
) {
	char created[MOMENT_BYTES];

	moment_format(replay->created_ms, created);
	buf_fmt(out, "replay %s: %s\n", replay->id, state_of(replay, progress));
	buf_fmt(out,
		"made:        %s\nfrom:        %s\nto:          %s\n",
		created,
		replay->from,
		replay->to);
	add_filters(out, replay);
	buf_fmt(out, "records:     at most %" PRId64 ", done ", replay_records(replay));
	add_number(out, replay_progress_done(progress, replay));
	buf_str(out, "\ndeleted:     ");
	add_number(out, replay->deleted);
	buf_str(out, " before it was made\nworkers:     ");
	add_number(out, progress->workers);
	buf_fmt(out, "\ngroup:       %s\n", replay->group);
	add_partitions(out, replay, progress);
}

void replay_line_short(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
) {
	buf_fmt(out, "%s: %s, ", replay->id, state_of(replay, progress));
	add_number(out, replay_progress_done(progress, replay));
	buf_fmt(out,
		" of at most %" PRId64 " records, from %s to %s%s, workers ",
		replay_records(replay),
		replay->from,
		replay->to,
		replay->has_range_start || replay->has_range_end || replay->node[0] != '\0'
			? ", limited"
			: "");
	add_number(out, progress->workers);
	buf_str(out, "\n");
}

// --- JSON

static void add_text(struct buf *out, const char *key, const char *text) {
	buf_fmt(out, "\"%s\":", key);
	buf_json_text(out, text);
	buf_str(out, ",");
}

static void add_known(struct buf *out, const char *key, bool is_known, int64_t number) {
	if (is_known)
		buf_fmt(out, "\"%s\":%" PRId64 ",", key, number);
	else
		buf_fmt(out, "\"%s\":null,", key);
}

static void add_places(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
) {
	const char *comma = "";

	buf_str(out, "\"partitions\":[");
	for (size_t i = 0; i < replay->count; i++) {
		const struct replay_span *span = &replay->spans[i];

		if (is_empty(span))
			continue;
		buf_fmt(out, "%s{\"partition\":%zu,", comma, i);
		add_known(
			out,
			"at",
			progress->at != NULL && progress->at[i] >= 0,
			progress->at == NULL ? 0 : progress->at[i]
		);
		buf_fmt(out, "\"start\":%" PRId64 ",\"end\":%" PRId64 "}", span->start, span->end);
		comma = ",";
	}
	buf_str(out, "]");
}

void replay_line_json(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
) {
	int64_t done = replay_progress_done(progress, replay);
	char created[MOMENT_BYTES];

	moment_format(replay->created_ms, created);
	buf_str(out, "{");
	add_text(out, "id", replay->id);
	add_text(out, "state", state_of(replay, progress));
	add_text(out, "created", created);
	add_text(out, "from", replay->from);
	add_text(out, "to", replay->to);
	add_known(out, "range_start", replay->has_range_start, replay->range_start);
	add_known(out, "range_end", replay->has_range_end, replay->range_end);
	add_text(out, "node", replay->node[0] == '\0' ? NULL : replay->node);
	add_text(out, "group", replay->group);
	add_known(out, "records", true, replay_records(replay));
	add_known(out, "done", done >= 0, done);
	add_known(out, "deleted", replay->deleted >= 0, replay->deleted);
	add_known(out, "workers", progress->workers >= 0, progress->workers);
	add_places(out, replay, progress);
	buf_str(out, "}\n");
}
