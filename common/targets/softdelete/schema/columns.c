// SPDX-License-Identifier: MPL-2.0
// columns: are the columns that a preset names what it takes them for?
#include "common/targets/softdelete/schema/columns.h"

#include "common/base/buf.h"
#include "common/base/words.h"
#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/schema/mark.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { VALUES_MS = 5000 }; // for one question about values
enum { FIRST_YEAR = 1971, NEVER_YEAR = 2100 };
#define NEVER_S 4102444800LL // 2100-01-01

enum column_kind {
	COLUMN_NONE,
	COLUMN_INTEGER,
	COLUMN_BIT,
	COLUMN_TEXT,
	COLUMN_ENUM,
	COLUMN_TIME,
	COLUMN_OTHER
};

struct column {
	enum column_kind kind;
	char type[32]; // as the server calls it
	char collation[65]; // ""; it has none
	// An ENUM that knows the word that was asked for.
	bool has_word;
	// What a row has when nobody says otherwise, as the server writes it; "": NULL.
	char preset_value[64];
	char extra[100];
};

static enum column_kind kind_of(const char *type) {
	static const struct {
		const char *type;
		enum column_kind kind;
	} kinds[] = {
		{"tinyint", COLUMN_INTEGER},
		{"smallint", COLUMN_INTEGER},
		{"mediumint", COLUMN_INTEGER},
		{"int", COLUMN_INTEGER},
		{"bigint", COLUMN_INTEGER},
		{"bit", COLUMN_BIT},
		{"char", COLUMN_TEXT},
		{"varchar", COLUMN_TEXT},
		{"uuid", COLUMN_TEXT},
		{"enum", COLUMN_ENUM},
		{"datetime", COLUMN_TIME},
		{"timestamp", COLUMN_TIME},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcasecmp(type, kinds[i].type) == 0)
			return kinds[i].kind;
	return COLUMN_OTHER;
}

// Is the word one of "enum('a','b')"? A quote within a value stands there twice.
static bool enum_has(const char *type, const char *word) {
	const char *at = strchr(type, '\'');

	while (at != NULL) {
		const char *rest = word;

		for (at++; *at != '\0' && (*at != '\'' || at[1] == '\''); at++) {
			at += *at == '\'';
			if (rest != NULL)
				rest = *rest == *at ? rest + 1 : NULL;
		}
		if (rest != NULL && *rest == '\0' && *at == '\'')
			return true;
		at = *at == '\0' ? NULL : strchr(at + 1, '\'');
	}
	return false;
}

static void read_column(struct db_result *row, const char *word, struct column *out) {
	const char *type = db_result_text(row, 1, NULL);
	const char *collation = db_result_text(row, 3, NULL);
	// MariaDB: quoted, and NULL as a word.
	const char *value = db_result_text(row, 4, NULL);

	out->kind = kind_of(type);
	out->has_word = out->kind == COLUMN_ENUM && enum_has(db_result_text(row, 2, NULL), word);
	snprintf(out->type, sizeof(out->type), "%s", type);
	snprintf(out->collation, sizeof(out->collation), "%s", collation == NULL ? "" : collation);
	snprintf(
		out->preset_value,
		sizeof(out->preset_value),
		"%s",
		value == NULL || strcasecmp(value, "NULL") == 0 ? "" : value
	);
	snprintf(out->extra, sizeof(out->extra), "%s", db_result_text(row, 5, NULL));
}

static int find_column(
	struct check *check,
	const struct table *table,
	const char *column,
	const char *word,
	struct column *out
) {
	struct db_result *result = NULL;
	int err = check_ask(
		check,
		"COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME, COLUMN_DEFAULT, EXTRA FROM "
		"information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ",
		table->name,
		&result
	);

	*out = (struct column){.kind = COLUMN_NONE};
	if (err < 0)
		return err;
	while (out->kind == COLUMN_NONE && db_result_next(result))
		if (strcasecmp(db_result_text(result, 0, NULL), column) == 0)
			read_column(result, word, out);
	db_result_free(result);
	if (out->kind == COLUMN_NONE)
		return words_say(
			&check->words, -ENOENT, "table '%s' has no column '%s'", table->name, column
		);
	return 0;
}

// --- key

// Else a key of one table would be compared with another's as a number, or without regard to case,
// and stand for more rows.
static int check_same_as_parent(
	struct check *check, const struct table *table, const struct column *key
) {
	const struct table *parent = preset_find(check->preset, table->goes_with);
	struct column other;
	int err = find_column(check, parent, parent->key, "", &other);

	if (err < 0 || (other.kind == key->kind && strcmp(other.collation, key->collation) == 0))
		return err;
	return words_say(
		&check->words,
		-ENOENT,
		"column '%s' of table '%s' (%s %s) cannot be compared safely with the key of table "
		"'%s' (%s %s): their types or collations differ",
		table->key,
		table->name,
		key->type,
		key->collation,
		parent->name,
		other.type,
		other.collation
	);
}

static int check_key(struct check *check, const struct table *table, struct schema_table *out) {
	struct column key;
	int err = find_column(check, table, table->key, "", &key);

	if (err < 0)
		return err;
	out->text_key = key.kind == COLUMN_TEXT;
	if (key.kind != COLUMN_TEXT && key.kind != COLUMN_INTEGER)
		return words_say(
			&check->words,
			-ENOENT,
			"the key '%s' of table '%s' is neither integer nor text",
			table->key,
			table->name
		);
	return table->goes_with[0] == '\0' ? 0 : check_same_as_parent(check, table, &key);
}

// --- age

// Looks for a value of the age between two numbers. 1: there is one, in `value`; 0: none, or not
// found in time.
static int find_value(
	struct check *check,
	const struct table *table,
	const char *from,
	const char *below,
	char *value,
	size_t value_bytes
) {
	struct db_result *result = NULL;
	int err;

	buf_clear(&check->sql);
	db_quote_name(&check->sql, table->age);
	buf_str(&check->sql, " FROM ");
	db_quote_name(&check->sql, table->name);
	buf_str(&check->sql, " WHERE ");
	db_quote_name(&check->sql, table->age);
	buf_fmt(&check->sql, " >= %s AND ", from);
	db_quote_name(&check->sql, table->age);
	buf_fmt(&check->sql, " < %s LIMIT 1", below);
	err = check->sql.error < 0
		? check->sql.error
		: db_select_limited(check->db, VALUES_MS, buf_text(&check->sql), &result);
	if (err == -ETIME)
		return 0; // such a row is never due
	if (err < 0)
		return words_say(
			&check->words,
			err,
			"cannot read table '%s': %s",
			table->name,
			db_error(check->db)
		);
	err = db_result_next(result) ? 1 : 0;
	if (err == 1)
		snprintf(value, value_bytes, "%s", db_result_text(result, 0, NULL));
	db_result_free(result);
	return err;
}

// Seconds between 1973 and 2969 read as milliseconds all lie in 1970; milliseconds between 2000 and
// 2100 read as seconds lie after the year 30000. What lies between may stand for "never":
// 9999-12-31 in seconds.
static int check_unit(struct check *check, const struct table *table) {
	bool is_ms = table->age_kind == AGE_MS;
	char value[32] = "";
	int err = is_ms
		? find_value(check, table, "100000000", mark_first(AGE_MS), value, sizeof(value))
		: find_value(check, table, "946684800000", "4102444800000", value, sizeof(value));

	if (err <= 0)
		return err;
	return words_say(
		&check->words,
		-ENOENT,
		"column '%s' of table '%s' has the value %s, which in %s is %s: say 'age_kind = "
		"%s' in the preset, or mend the rows",
		table->age,
		table->name,
		value,
		is_ms ? "milliseconds" : "seconds",
		is_ms ? "January 1970, or a time of that year" : "thousands of years from now",
		is_ms ? "s" : "ms"
	);
}

// Would a row that nobody marked count as deleted in the end?
static bool is_time_of_deletion(const struct table *table, const char *value) {
	const char *text = value + (value[0] == '\'');
	char *rest;
	long long number = strtoll(text, &rest, 10);
	long long unit = table->age_kind == AGE_MS ? 1000 : 1;

	if (value[0] == '\0')
		return false;
	if (rest == text)
		return true; // an expression
	if (table->age_kind == AGE_DATETIME) // begins with the year
		return number >= FIRST_YEAR && number < NEVER_YEAR;
	return number >= strtoll(mark_first(table->age_kind), NULL, 10) && number < NEVER_S * unit;
}

// A time that the server sets says when a row was made or changed, not that it was deleted.
static int check_age_is_set(
	const struct check *check, const struct table *table, const struct column *age
) {
	bool is_computed = strstr(age->extra, " GENERATED") != NULL;
	bool is_touched = strcasestr(age->extra, "on update") != NULL;
	bool has_time = is_time_of_deletion(table, age->preset_value);

	if (!is_computed && (check->wish->require_flag || (!is_touched && !has_time)))
		return 0;
	return words_say(
		&check->words,
		-ENOENT,
		"column '%s' of table '%s' %s%s: it does not say that a row was marked deleted%s",
		table->age,
		table->name,
		is_computed          ? "is computed"
			: is_touched ? "is set by every change of a row"
				     : "has a time without anybody's doing, by DEFAULT ",
		is_computed || is_touched ? "" : age->preset_value,
		is_computed ? "" : "; cure: --require-flag, with a 'flag' in the preset"
	);
}

static int check_age(struct check *check, const struct table *table) {
	enum column_kind wanted = table->age_kind == AGE_DATETIME ? COLUMN_TIME : COLUMN_INTEGER;
	struct column age;
	int err = find_column(check, table, table->age, "", &age);

	if (err < 0)
		return err;
	if (age.kind != wanted)
		return words_say(
			&check->words,
			-ENOENT,
			"column '%s' of table '%s' is not a %s",
			table->age,
			table->name,
			wanted == COLUMN_TIME ? "date with time" : "number"
		);
	err = check_age_is_set(check, table, &age);
	return err < 0 || wanted == COLUMN_TIME ? err : check_unit(check, table);
}

// --- flag

static int check_flag_kind(
	const struct check *check, const struct table *table, const struct column *flag
) {
	bool is_number = flag->kind == COLUMN_INTEGER || flag->kind == COLUMN_BIT;
	bool is_text = flag->kind == COLUMN_TEXT || flag->kind == COLUMN_ENUM;
	bool has_word = table->flag_deleted[0] != '\0' || table->flag_live[0] != '\0';
	const char *fault = NULL;

	if (!is_number && !is_text)
		fault = "is neither a number nor text; leave --require-flag out, or name another "
			"flag in the preset";
	else if (is_number && has_word)
		fault = "is a number, and deleted when it is not 0: leave 'flag_deleted' and "
			"'flag_live' out of the preset";
	else if (is_text && !has_word)
		fault = "is not a number: say in the preset which word means deleted, as "
			"'flag_deleted = WORD', or which one means live, as 'flag_live = WORD'";
	else if (flag->kind == COLUMN_ENUM && !flag->has_word)
		fault = "does not know the word of 'flag_deleted' or 'flag_live'";
	if (fault == NULL)
		return 0;
	return words_say(
		&check->words,
		-ENOENT,
		"--require-flag: column '%s' of table '%s' (%s) %s",
		table->flag,
		table->name,
		flag->type,
		fault
	);
}

static int check_flag(struct check *check, const struct table *table) {
	bool is_required = check->wish->require_flag;
	struct column flag;
	const char *word;
	int err;

	if (table->flag[0] == '\0' && !is_required)
		return 0;
	if (table->flag[0] == '\0')
		return words_say(
			&check->words,
			-ENOENT,
			"--require-flag: the preset names no 'flag' for table '%s'",
			table->name
		);
	word = table->flag_live[0] != '\0' ? table->flag_live : table->flag_deleted;
	err = find_column(check, table, table->flag, word, &flag);
	return err < 0 || !is_required ? err : check_flag_kind(check, table, &flag);
}

int columns_check(struct check *check, const struct table *table, struct schema_table *out) {
	int err = check_key(check, table, out);

	if (err < 0 || table->age[0] == '\0')
		return err;
	err = check_age(check, table);
	return err < 0 ? err : check_flag(check, table);
}
