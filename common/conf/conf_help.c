// SPDX-License-Identifier: MPL-2.0
// conf_help: the options part of --help.
#include "common/conf/conf_help.h"

#include "common/conf/conf_value.h"

#include <string.h>

#include "common/base/buf.h"

enum { TEXT_COLUMN = 28, WIDTH = 80 };

static void pad(struct buf *out, size_t *column, size_t to) {
	for (; *column < to; (*column)++)
		buf_add(out, " ", 1);
}

static void new_line(struct buf *out, size_t *column) {
	buf_add(out, "\n", 1);
	*column = 0;
	pad(out, column, TEXT_COLUMN);
}

// Appends the words of `text` in the right column.
static void add_wrapped(struct buf *out, const char *text) {
	size_t column = TEXT_COLUMN;

	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");

		if (column > TEXT_COLUMN && column + 1 + len > WIDTH) {
			new_line(out, &column);
		} else if (column > TEXT_COLUMN) {
			buf_add(out, " ", 1);
			column++;
		}
		buf_add(out, text, len);
		column += len;
		text += len;
	}
}

// Joins what is added about an option: "(a; b)".
static void add_note(struct buf *text, bool *is_open, const char *what) {
	buf_str(text, *is_open ? "; " : " (");
	buf_str(text, what);
	*is_open = true;
}

static void add_names(struct buf *text, const char *names) {
	for (const char *name = names; *name != '\0'; name += strspn(name, " ")) {
		size_t len = strcspn(name, " ");

		buf_str(text, name == names ? " " : ", ");
		buf_add(text, name, len);
		name += len;
	}
}

// The default in force, or NULL.
static const char *default_of(const struct conf_row *row, const struct conf_preset *presets) {
	for (; presets != NULL && presets->name != NULL; presets++)
		if (strcmp(presets->name, row->name) == 0)
			return presets->value;
	return row->fallback;
}

static void add_default(
	struct buf *text, bool *is_open, const struct conf_row *row, const char *value
) {
	add_note(text, is_open, "default: ");
	buf_str(text, value);
	if (row->kind == CONF_FLAG && strcmp(value, "true") == 0)
		buf_fmt(text, "; off with --no-%s", row->name);
}

static void add_facts(
	struct buf *text, const struct conf_row *row, const struct conf_facts *facts
) {
	const char *value = default_of(row, facts->presets);
	const char *env = conf_row_env(row, facts->env_of);
	bool is_open = false;
	struct conf_shown range = conf_range(row);

	if (row->kind == CONF_CHOICE) {
		add_note(text, &is_open, "one of: ");
		for (size_t i = 0; row->choices[i] != NULL; i++)
			buf_fmt(text, "%s%s", i == 0 ? "" : ", ", row->choices[i]);
	}
	if (range.text[0] != '\0')
		add_note(text, &is_open, range.text);
	if (row->kind == CONF_PAIRS)
		add_note(text, &is_open, "several");
	if (row->kind == CONF_LIST)
		add_note(text, &is_open, "several: again, or with commas");
	if (value != NULL && !row->secret)
		add_default(text, &is_open, row, value);
	if (env[0] != '\0') {
		add_note(text, &is_open, "environment:");
		add_names(text, env);
	}
	if (is_open)
		buf_str(text, ")");
}

static int add_row(struct buf *out, const struct conf_row *row, const struct conf_facts *facts) {
	struct buf text;
	size_t start = out->len;
	size_t column;
	int err;

	if (row->letter != 0)
		buf_fmt(out, "  -%c, --%s", row->letter, row->name);
	else
		buf_fmt(out, "  --%s", row->name);
	if (row->kind == CONF_PAIRS)
		buf_str(out, "KEY=VALUE");
	else if (row->kind != CONF_FLAG)
		buf_fmt(out, " %s", row->meta == NULL ? "VALUE" : row->meta);

	buf_init(&text, 0);
	buf_str(&text, row->help == NULL ? "" : row->help);
	add_facts(&text, row, facts);
	column = out->len - start;
	if (text.len > 0 && column + 2 > TEXT_COLUMN)
		new_line(out, &column);
	if (text.len > 0)
		pad(out, &column, TEXT_COLUMN);
	add_wrapped(out, buf_text(&text));
	err = text.error;
	buf_fini(&text);
	return err != 0 ? err : buf_add(out, "\n", 1);
}

static bool is_shown(const struct conf_row *row, unsigned has) {
	return !row->hidden && (row->needs & ~has) == 0;
}

static bool has_shown_row(const struct conf_group *group, unsigned has) {
	for (size_t i = 0; i < group->count; i++)
		if (is_shown(&group->rows[i], has))
			return true;
	return false;
}

// goes_on: the next group's rows belong under the same heading.
static int add_group(
	struct buf *out,
	const struct conf_group *group,
	const struct conf_facts *facts,
	bool goes_on
) {
	int err = 0;

	if (!has_shown_row(group, facts->has))
		return 0;
	if (group->title != NULL)
		err = buf_fmt(out, "%s:\n", group->title);
	for (size_t i = 0; i < group->count && err == 0; i++)
		if (is_shown(&group->rows[i], facts->has))
			err = add_row(out, &group->rows[i], facts);
	return err != 0 || goes_on ? err : buf_add(out, "\n", 1);
}

static bool has_time(const struct conf_group *group, unsigned has) {
	for (size_t i = 0; i < group->count; i++)
		if (group->rows[i].kind == CONF_DURATION && is_shown(&group->rows[i], has))
			return true;
	return false;
}

char *conf_help(
	const struct conf_group *groups, size_t group_count, const struct conf_facts *facts
) {
	static const struct conf_row help = {
		.name = "help",
		.letter = 'h',
		.kind = CONF_FLAG,
		.help = "show this text and exit",
	};
	static const struct conf_row version = {
		.name = "version",
		.kind = CONF_FLAG,
		.help = "tell the version and exit",
	};
	struct buf out;
	bool times = false;
	int err = 0;

	buf_init(&out, 0);
	for (size_t i = 0; i < group_count && err == 0; i++) {
		times = times || has_time(&groups[i], facts->has);
		err = add_group(
			&out, &groups[i], facts, i + 1 < group_count && groups[i + 1].title == NULL
		);
	}
	if (err == 0)
		err = add_row(&out, &help, facts);
	if (err == 0)
		err = add_row(&out, &version, facts);
	if (err == 0 && times)
		err = buf_str(
			&out,
			"\nTIME is a number of seconds, or has a unit: 500ms, 90s, 20m, 12h, 1d.\n"
		);
	if (err == 0)
		return out.data;
	buf_fini(&out);
	return NULL;
}
