// SPDX-License-Identifier: MPL-2.0
// conf_value: reads the text of one option into its field.
#include "common/conf/conf_value.h"

#include "common/base/words.h"
#include "common/text/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct conf_shown conf_range(const struct conf_row *row) {
	struct conf_shown shown = {""};
	bool is_int = row->kind == CONF_INT;
	char min[25];
	char max[25];

	if (row->min == 0 && row->max == 0)
		return shown;
	snprintf(min, sizeof(min), is_int ? "%.0f" : "%.15g", row->min);
	snprintf(max, sizeof(max), is_int ? "%.0f" : "%.15g", row->max);
	// No double is the greatest int64_t, and infinity is no bound.
	if (row->max >= 0x1p63)
		snprintf(shown.text, sizeof(shown.text), "of at least %.24s", min);
	else
		snprintf(shown.text, sizeof(shown.text), "from %.24s to %.24s", min, max);
	return shown;
}

static int origin_text(const struct conf_given *given, char *out, size_t bytes) {
	int len = given->where_len > 200 ? 200 : (int)given->where_len;

	switch (given->source) {
	case CONF_FROM_ENV:
		return snprintf(out, bytes, "environment variable %.*s: ", len, given->where);
	case CONF_FROM_ENV_FILE:
		return snprintf(
			out,
			bytes,
			"environment file %.*s line %zu: ",
			len,
			given->where,
			given->line
		);
	case CONF_FROM_OWN_FILE:
	case CONF_FROM_FILE:
	case CONF_FROM_SECTION:
		return snprintf(out, bytes, "file %.*s line %zu: ", len, given->where, given->line);
	case CONF_FROM_PRESET:
		return snprintf(out, bytes, "preset: ");
	case CONF_FROM_DEFAULT:
		return snprintf(out, bytes, "default: ");
	case CONF_FROM_WORDS:
		break;
	}
	return snprintf(out, bytes, "%s", "");
}

// "'--x' wants WHAT, not 'y'"
static int refuse(const struct conf_given *given, const struct words *note, const char *what) {
	const struct conf_row *row = given->slot->row;
	char origin[300];

	origin_text(given, origin, sizeof(origin));
	if (row->secret)
		return words_say(note, -EINVAL, "%s'--%s' wants %s", origin, row->name, what);
	return words_say(
		note,
		-EINVAL,
		"%s'--%s' wants %s%s not '%s'",
		origin,
		row->name,
		what,
		row->kind == CONF_CHOICE ? ";" : ",",
		conf_show(given->text, strlen(given->text)).text
	);
}

static int refuse_number(
	const struct conf_given *given, const struct words *note, const char *what
) {
	const struct conf_row *row = given->slot->row;
	struct conf_shown range = conf_range(row);
	char text[160];

	snprintf(
		text,
		sizeof(text),
		"%s%s%s%s",
		what,
		range.text[0] == '\0' ? "" : " ",
		range.text,
		row->kind == CONF_DURATION && range.text[0] != '\0' ? " seconds" : ""
	);
	return refuse(given, note, text);
}

static bool is_in_range(const struct conf_row *row, double value) {
	return (row->min == 0 && row->max == 0) || (value >= row->min && value <= row->max);
}

static int store_flag(const struct conf_given *given, const struct words *note) {
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{"true", true},
		{"yes", true},
		{"on", true},
		{"1", true},
		{"false", false},
		{"no", false},
		{"off", false},
		{"0", false},
	};
	bool value = !given->is_no;

	if (given->text == NULL) {
		memcpy(given->slot->field, &value, sizeof(value));
		return 0;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(given->text, words[i].word) == 0) {
			memcpy(given->slot->field, &words[i].value, sizeof(words[i].value));
			return 0;
		}
	}
	return refuse(given, note, "true or false");
}

static int store_int(const struct conf_given *given, const struct words *note) {
	int64_t value;
	int err = number_parse(given->text, strlen(given->text), INT64_MIN, INT64_MAX, &value);

	if (err == -ERANGE)
		return refuse_number(given, note, "a whole number of 64 bits");
	if (err < 0 || !is_in_range(given->slot->row, (double)value))
		return refuse_number(given, note, "a whole number");
	memcpy(given->slot->field, &value, sizeof(value));
	return 0;
}

// Reads digits with a sign and a point, and nothing else that strtod would take. Returns what
// follows, or NULL.
static const char *read_decimal(const char *text, double *value) {
	static const char digits[] = "0123456789";
	char copy[64];
	size_t start = *text == '-' || *text == '+';
	size_t whole = strspn(text + start, digits);
	size_t part = 0;
	size_t len = start + whole;

	if (text[len] == '.') {
		part = strspn(text + len + 1, digits);
		len += 1 + part;
	}
	if (whole + part == 0 || len >= sizeof(copy))
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*value = strtod(copy, NULL);
	return text + len;
}

static int store_double(const struct conf_given *given, const struct words *note) {
	double value = 0;
	const char *rest = read_decimal(given->text, &value);

	if (rest == NULL || *rest != '\0' || !is_in_range(given->slot->row, value))
		return refuse_number(given, note, "a number");
	memcpy(given->slot->field, &value, sizeof(value));
	return 0;
}

static double unit_ms(const char *unit) {
	static const struct {
		const char *name;
		double ms;
	} units[] = {
		{"", 1000},
		{"ms", 1},
		{"s", 1000},
		{"m", 60.0 * 1000},
		{"h", 3600.0 * 1000},
		{"d", 86400.0 * 1000},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(unit, units[i].name) == 0)
			return units[i].ms;
	return 0;
}

static bool read_ms(const char *text, double *ms) {
	double value = 0;
	const char *unit = read_decimal(text, &value);

	*ms = unit == NULL ? 0 : value * unit_ms(unit);
	return unit != NULL && unit_ms(unit) != 0 && fabs(*ms) <= 9e18;
}

// Where zero means "no limit", a very short time must not become it.
static int64_t round_ms(double ms) {
	int64_t rounded = llround(ms);

	return rounded != 0 || ms == 0 ? rounded : ms > 0 ? 1 : -1;
}

int conf_duration_read(const char *text, int64_t *out_ms) {
	double ms;

	if (!read_ms(text, &ms))
		return -EINVAL;
	*out_ms = round_ms(ms);
	return 0;
}

static int store_duration(const struct conf_given *given, const struct words *note) {
	double ms;
	int64_t rounded;

	if (!read_ms(given->text, &ms) || !is_in_range(given->slot->row, ms / 1000))
		return refuse_number(given, note, "a time such as 30, 1.5s, 20m or 1d");
	rounded = round_ms(ms);
	memcpy(given->slot->field, &rounded, sizeof(rounded));
	return 0;
}

static int store_choice(const struct conf_given *given, const struct words *note) {
	const char *const *choices = given->slot->row->choices;
	char text[160] = "one of: ";
	const char *before = "";
	size_t len = strlen(text);

	for (int i = 0; choices[i] != NULL; i++) {
		if (strcmp(choices[i], given->text) == 0) {
			memcpy(given->slot->field, &i, sizeof(i));
			return 0;
		}
	}
	for (size_t i = 0; choices[i] != NULL && len < sizeof(text); i++) {
		// What stands for "not given" is nothing to choose.
		if (choices[i][0] == '\0')
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", before, choices[i]);
		before = ", ";
	}
	return refuse(given, note, text);
}

static int add_item(struct conf_list *list, const char *text, size_t len) {
	char **items = realloc(list->items, (list->count + 1) * sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	list->items = items;
	items[list->count] = strndup(text, len);
	if (items[list->count] == NULL)
		return -ENOMEM;
	list->count++;
	return 0;
}

static int store_list(const struct conf_given *given) {
	static const char blanks[] = " \t";
	struct conf_list *list = &given->slot->list;
	int err = 0;

	for (const char *text = given->text; err == 0;) {
		size_t len = strcspn(text, ",");
		const char *next = text + len + (text[len] == ',');
		size_t skip = strspn(text, blanks);

		if (skip > len)
			skip = len;
		text += skip;
		len -= skip;
		while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
			len--;
		if (len > 0)
			err = add_item(list, text, len);
		if (*next == '\0')
			break;
		text = next;
	}
	memcpy(given->slot->field, list, sizeof(*list));
	return err;
}

static int store_pair(const struct conf_given *given, const struct words *note) {
	struct conf_list *list = &given->slot->list;
	int err;

	if (given->text[0] == '=' || strchr(given->text, '=') == NULL)
		return words_say(
			note, -EINVAL, "'--%sKEY=VALUE' wants a key", given->slot->row->name
		);
	err = add_item(list, given->text, strlen(given->text));

	memcpy(given->slot->field, list, sizeof(*list));
	return err;
}

static int store_string(const struct conf_given *given, const struct words *note) {
	const struct conf_row *row = given->slot->row;
	const char *wanted = row->wants == NULL ? NULL : row->wants(given->text);

	if (wanted != NULL)
		return refuse(given, note, wanted);
	memcpy(given->slot->field, &given->text, sizeof(given->text));
	return 0;
}

int conf_value_store(const struct conf_given *given, const struct words *note) {
	switch (given->slot->row->kind) {
	case CONF_FLAG:
		return store_flag(given, note);
	case CONF_INT:
		return store_int(given, note);
	case CONF_DOUBLE:
		return store_double(given, note);
	case CONF_STRING:
		return store_string(given, note);
	case CONF_CHOICE:
		return store_choice(given, note);
	case CONF_DURATION:
		return store_duration(given, note);
	case CONF_LIST:
		return store_list(given);
	case CONF_PAIRS:
		return store_pair(given, note);
	}
	return -EINVAL;
}
