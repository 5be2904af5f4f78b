// SPDX-License-Identifier: MPL-2.0
// status_text: the numbers of this process as one JSON object.
#include "cli/admin/status_text.h"

#include "cli/admin/sample.h"
#include "cli/admin/series.h"

#include <string.h>

struct text {
	struct buf *out;
	const struct series *last; // that was begun
};

// With the comma behind it.
static void add_text(struct buf *out, const char *key, const char *value) {
	buf_fmt(out, "\"%s\":", key);
	buf_json_text(out, value);
	buf_str(out, ",");
}

static void close_list(struct text *text) {
	if (text->last != NULL && text->last->labels != NULL)
		buf_str(text->out, "]");
}

static void begin_series(struct text *text, const struct series *series) {
	close_list(text);
	buf_fmt(text->out, "%s\"%s\":", text->last == NULL ? "" : ",", series->name);
	if (series->labels != NULL)
		buf_str(text->out, "[");
	text->last = series;
}

// The target is the whole object's.
static void put(void *ctx, const struct series_sample *sample) {
	struct text *text = ctx;
	struct buf *out = text->out;
	bool is_first = text->last != sample->series;

	if (is_first)
		begin_series(text, sample->series);
	if (sample->series->labels == NULL) {
		sample_add_value(out, sample);
		return;
	}
	buf_str(out, is_first ? "{" : ",{");
	for (size_t i = 1; i < sample->label_count; i++) {
		const struct series_label *label = &sample->labels[i];

		add_text(out, label->name, label->value);
	}
	buf_str(out, "\"value\":");
	sample_add_value(out, sample);
	buf_str(out, "}");
}

static void add_health(struct buf *out, const char *key, const struct health *health) {
	size_t len = strlen(health->words);

	buf_fmt(out, "\"%s\":%s,", key, health->is_well ? "true" : "false");
	buf_fmt(out, "\"%s_words\":\"", key);
	// Without the last end of line.
	buf_json(out, health->words, len > 0 ? len - 1 : 0);
	buf_str(out, "\",");
}

void status_text(
	const struct numbers *numbers,
	const struct numbers_of *of,
	const struct health *live,
	const struct health *ready,
	struct buf *out
) {
	struct text text = {.out = out};

	buf_str(out, "{");
	add_text(out, "command", of->command);
	add_text(out, "target", of->target);
	add_text(out, "version", of->version);
	add_health(out, "live", live);
	add_health(out, "ready", ready);
	buf_str(out, "\"numbers\":{");
	series_each(&(struct series_sink){.numbers = numbers, .of = of, .put = put, .ctx = &text});
	close_list(&text);
	buf_str(out, "}}\n");
}
