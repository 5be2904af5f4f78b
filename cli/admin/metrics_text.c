// SPDX-License-Identifier: MPL-2.0
// metrics_text: the numbers as Prometheus wants them, in its text format 0.0.4.
#include "cli/admin/metrics_text.h"

#include "cli/admin/sample.h"
#include "cli/admin/series.h"

#include <string.h>

struct text {
	struct buf *out;
	const struct series *last; // whose head was written
};

static void add_escaped(struct buf *out, const char *text, const char *what) {
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_str(out, "\\n");
		else
			buf_fmt(out, strchr(what, *text) != NULL ? "\\%c" : "%c", *text);
	}
}

static void add_head(struct buf *out, const struct series *series) {
	buf_fmt(out, "# HELP " SERIES_PREFIX "%s ", series->name);
	add_escaped(out, series->help, "\\");
	buf_fmt(out,
		"\n# TYPE " SERIES_PREFIX "%s %s\n",
		series->name,
		series->type == SERIES_COUNTER ? "counter" : "gauge");
}

static void put(void *ctx, const struct series_sample *sample) {
	struct text *text = ctx;
	struct buf *out = text->out;

	if (text->last != sample->series)
		add_head(out, sample->series);
	text->last = sample->series;
	buf_fmt(out, SERIES_PREFIX "%s", sample->series->name);
	for (size_t i = 0; i < sample->label_count; i++) {
		buf_fmt(out, "%s%s=\"", i == 0 ? "{" : ",", sample->labels[i].name);
		add_escaped(out, sample->labels[i].value, "\\\"");
		buf_str(out, "\"");
	}
	buf_str(out, "} ");
	sample_add_value(out, sample);
	buf_str(out, "\n");
}

void metrics_text(const struct numbers *numbers, const struct numbers_of *of, struct buf *out) {
	struct text text = {.out = out};

	series_each(&(struct series_sink){.numbers = numbers, .of = of, .put = put, .ctx = &text});
}
