// SPDX-License-Identifier: MPL-2.0
// columns: are the columns that a preset names what it takes them for?
#include "common/db.h"
#include "common/targets/softdelete/check.h"
#include "common/targets/softdelete/mark.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { VALUES_MS = 5000 }; // for one question about values

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
	bool has_word; // an ENUM that knows the word that was asked for
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

	out->kind = kind_of(type);
	out->has_word = out->kind == COLUMN_ENUM && enum_has(db_result_text(row, 2, NULL), word);
	snprintf(out->type, sizeof(out->type), "%s", type);
	snprintf(out->collation, sizeof(out->collation), "%s", collation == NULL ? "" : collation);
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
		"COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME FROM "
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
		return check_say(
			check, -ENOENT, "table '%s' has no column '%s'", table->name, column
		);
	return 0;
}

// --- key

// Else a key of one table would be compared with another's as a number, or without regard to case, and stand for more rows.
static int
check_same_as_parent(struct check *check, const struct table *table, const struct column *key) {
	const struct table *parent = preset_find(check->preset, table->goes_with);
	struct column other;
	int err = find_column(check, parent, parent->key, "", &other);

	if (err < 0 || (other.kind == key->kind && strcmp(other.collation, key->collation) == 0))
		return err;
	return check_say(
		check,
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
		return check_say(
			check,
			-ENOENT,
			"the key '%s' of table '%s' is neither integer nor text",
			table->key,
			table->name
		);
	return table->goes_with[0] == '\0' ? 0 : check_same_as_parent(check, table, &key);
}

// --- age

// Looks for a value of the age between two numbers. 1: there is one, in `value`; 0: none, or not found in time.
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
		return check_say(
			check, err, "cannot read table '%s': %s", table->name, db_error(check->db)
		);
	err = db_result_next(result) ? 1 : 0;
	if (err == 1)
		snprintf(value, value_bytes, "%s", db_result_text(result, 0, NULL));
	db_result_free(result);
	return err;
}

// Seconds between 1973 and 2969 read as milliseconds all lie in 1970; milliseconds read as seconds lie after the year 5000.
static int check_unit(struct check *check, const struct table *table) {
	bool is_ms = table->age_kind == AGE_MS;
	char value[32] = "";
	int err = is_ms
		? find_value(check, table, "100000000", mark_first(AGE_MS), value, sizeof(value))
		: find_value(check, table, "100000000000", "100000000000000", value, sizeof(value));

	if (err <= 0)
		return err;
	return check_say(
		check,
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

static int check_age(struct check *check, const struct table *table) {
	enum column_kind wanted = table->age_kind == AGE_DATETIME ? COLUMN_TIME : COLUMN_INTEGER;
	struct column age;
	int err = find_column(check, table, table->age, "", &age);

	if (err < 0)
		return err;
	if (age.kind != wanted)
		return check_say(
			check,
			-ENOENT,
			"column '%s' of table '%s' is not a %s",
			table->age,
			table->name,
			wanted == COLUMN_TIME ? "date with time" : "number"
		);
	return wanted == COLUMN_TIME ? 0 : check_unit(check, table);
}

// --- flag

static int
check_flag_kind(const struct check *check, const struct table *table, const struct column *flag) {
	bool is_number = flag->kind == COLUMN_INTEGER || flag->kind == COLUMN_BIT;
	bool is_text = flag->kind == COLUMN_TEXT || flag->kind == COLUMN_ENUM;
	bool has_word = table->flag_deleted[0] != '\0';
	const char *fault = NULL;

	if (!is_number && !is_text)
		fault = "is neither a number nor text; leave --require-flag out, or name another "
			"flag in the preset";
	else if (is_number && has_word)
		fault = "is a number, and deleted when it is not 0: leave 'flag_deleted' out of "
			"the preset";
	else if (is_text && !has_word)
		fault = "is not a number: say in the preset which word means deleted, as "
			"'flag_deleted = WORD'";
	else if (flag->kind == COLUMN_ENUM && !flag->has_word)
		fault = "does not know the word of 'flag_deleted'";
	if (fault == NULL)
		return 0;
	return check_say(
		check,
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
	int err;

	if (table->flag[0] == '\0' && !is_required)
		return 0;
	if (table->flag[0] == '\0')
		return check_say(
			check,
			-ENOENT,
			"--require-flag: the preset names no 'flag' for table '%s'",
			table->name
		);
	err = find_column(check, table, table->flag, table->flag_deleted, &flag);
	return err < 0 || !is_required ? err : check_flag_kind(check, table, &flag);
}

int columns_check(struct check *check, const struct table *table, struct schema_table *out) {
	int err = check_key(check, table, out);

	if (err < 0 || table->age[0] == '\0')
		return err;
	err = check_age(check, table);
	return err < 0 ? err : check_flag(check, table);
}
