// SPDX-License-Identifier: MPL-2.0
// edge: where a replay begins or ends, as an operator says it.
#include "cli/replay/edge.h"

#include "common/text/moment.h"
#include "common/text/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void edge_fini(struct edge *edge) {
	free(edge->places);
	*edge = (struct edge){.kind = EDGE_BEGINNING};
}

// --- parse

static const struct edge_place *find_place(const struct edge *edge, int32_t partition) {
	for (size_t i = 0; i < edge->count; i++)
		if (edge->places[i].partition == partition)
			return &edge->places[i];
	return NULL;
}

// "PARTITION:OFFSET" of `len` bytes.
static int add_place(struct edge *edge, const char *text, size_t len) {
	const char *colon = memchr(text, ':', len);
	struct edge_place *places;
	int64_t partition = 0, offset = 0;
	size_t digits;

	if (colon == NULL)
		return -EINVAL;
	digits = (size_t)(colon - text);
	if (number_parse(text, digits, 0, INT32_MAX, &partition) < 0 ||
	    number_parse(colon + 1, len - digits - 1, 0, INT64_MAX, &offset) < 0 ||
	    find_place(edge, (int32_t)partition) != NULL)
		return -EINVAL;
	places = realloc(edge->places, (edge->count + 1) * sizeof(*places));
	if (places == NULL)
		return -ENOMEM;
	edge->places = places;
	places[edge->count++] = (struct edge_place){(int32_t)partition, offset};
	return 0;
}

static int parse_places(struct edge *out, const char *text) {
	int err = 0;

	out->kind = EDGE_PLACES;
	for (bool has_more = true; has_more && err == 0;) {
		size_t len = strcspn(text, ",");

		err = add_place(out, text, len);
		has_more = text[len] == ',';
		text += len + (has_more ? 1 : 0);
	}
	if (err < 0)
		edge_fini(out);
	return err;
}

int edge_parse(struct edge *out, const char *text, int64_t now_ms) {
	*out = (struct edge){.kind = EDGE_BEGINNING};
	if (strcmp(text, "beginning") == 0)
		return 0;
	out->kind = EDGE_TIME;
	if (moment_parse(text, now_ms, &out->time_ms) == 0)
		return 0;
	return parse_places(out, text);
}

// --- decide

static void decide_start(
	const struct edge *from,
	int32_t partition,
	const struct edge_log *log,
	struct edge_span *out
) {
	const struct edge_place *place;

	out->span.start = log->begin;
	switch (from->kind) {
	case EDGE_BEGINNING:
		out->deleted = log->begin;
		break;
	case EDGE_END:
		out->span.start = log->end;
		break;
	case EDGE_TIME:
		out->span.start = log->since_from < 0 ? log->end : log->since_from;
		// What is younger begins where the log does: there may have been more.
		out->deleted = out->span.start <= log->begin && log->begin > 0 ? -1 : 0;
		break;
	case EDGE_PLACES:
		place = find_place(from, partition);
		out->span.start = place == NULL ? log->end : place->offset;
		break;
	}
}

static int64_t decide_end(
	const struct edge *to, int32_t partition, const struct edge_log *log, bool *is_beyond
) {
	const struct edge_place *place = find_place(to, partition);

	*is_beyond = to->kind == EDGE_PLACES && place != NULL && place->offset > log->end;
	if (to->kind == EDGE_BEGINNING)
		return log->begin;
	if (to->kind == EDGE_TIME && log->since_to >= 0)
		return log->since_to;
	return place == NULL || *is_beyond ? log->end : place->offset;
}

void edge_decide(
	const struct edge *from,
	const struct edge *to,
	int32_t partition,
	const struct edge_log *log,
	struct edge_span *out
) {
	int64_t first;

	*out = (struct edge_span){.deleted = 0};
	decide_start(from, partition, log, out);
	out->span.end = decide_end(to, partition, log, &out->is_beyond);
	first = out->span.start;
	if (out->span.start < log->begin)
		out->span.start = log->begin;
	if (out->span.start > log->end)
		out->span.start = log->end;
	// Those that were asked for by their number are known.
	if (from->kind == EDGE_PLACES && first < out->span.end)
		out->deleted = (out->span.start < out->span.end ? out->span.start : out->span.end) -
			first;
	if (out->span.end <= out->span.start)
		out->span.end = out->span.start;
}
