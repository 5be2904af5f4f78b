// SPDX-License-Identifier: MPL-2.0
// schema: proves that a database is as the preset says.
#include "common/targets/softdelete/schema/schema.h"

#include "common/base/buf.h"
#include "common/base/words.h"
#include "common/db/db.h"
#include "common/db/db_clock.h"
#include "common/db/db_index.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/db/db_try.h"
#include "common/targets/softdelete/schema/columns.h"
#include "common/targets/softdelete/schema/references.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

// --- tables

static int judge_table(
	const struct check *check, const struct table *table, struct db_result *row
) {
	const char *engine = db_result_text(row, 0, NULL);
	const char *type = db_result_text(row, 1, NULL);

	if (strcasecmp(type, "SYSTEM VERSIONED") == 0)
		return words_say(
			&check->words,
			-ENOENT,
			"table '%s' is system-versioned: what is deleted from it stays in its "
			"history",
			table->name
		);
	if (strcasecmp(type, "BASE TABLE") != 0)
		return words_say(
			&check->words, -ENOENT, "'%s' is no table but a %s", table->name, type
		);
	if (engine == NULL || strcasecmp(engine, "InnoDB") != 0)
		return words_say(
			&check->words,
			-ENOENT,
			"table '%s' has no transactions: its engine is %s, not InnoDB",
			table->name,
			engine == NULL ? "unknown" : engine
		);
	return 0;
}

static int check_table(struct check *check, const struct table *table) {
	struct db_result *result = NULL;
	int err = check_ask(
		check,
		"ENGINE, TABLE_TYPE FROM information_schema.TABLES WHERE "
		"TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ",
		table->name,
		&result
	);

	if (err < 0)
		return err;
	if (!db_result_next(result)) {
		err = words_say(
			&check->words,
			-ENOENT,
			"there is no table '%s' in this database",
			table->name
		);
	} else {
		err = judge_table(check, table, result);
	}
	db_result_free(result);
	return err;
}

// --- indexes

static bool fits_age(const struct table *table, const struct db_index_part *part) {
	if (part->position != 1 || strcasecmp(part->column, table->age) != 0)
		return false;
	return table->index_rule != INDEX_NAMED || strcasecmp(part->index, table->index) == 0;
}

struct index_facts {
	size_t primary_columns;
	bool primary_has_key;
	bool begins_with_key; // some index does
	// There is one with the name that is wanted.
	bool named;
	// Would do, but the server leaves it unused.
	char unused[PRESET_NAME_BYTES];
};

static void take_index_part(
	const struct table *table,
	const struct db_index_part *part,
	struct index_facts *facts,
	struct schema_table *out
) {
	bool is_key = strcasecmp(part->column, table->key) == 0;
	bool begins_with_key = is_key && part->position == 1;
	bool fits = table->goes_with[0] == '\0' ? fits_age(table, part) : begins_with_key;

	if (part->is_unused) {
		if (fits)
			snprintf(facts->unused, sizeof(facts->unused), "%s", part->index);
		return;
	}
	if (strcasecmp(part->index, "PRIMARY") == 0) {
		facts->primary_columns++;
		facts->primary_has_key = facts->primary_has_key || is_key;
	}
	facts->begins_with_key = facts->begins_with_key || begins_with_key;
	facts->named = facts->named || strcasecmp(part->index, table->index) == 0;
	if (!out->has_index && fits_age(table, part)) {
		out->has_index = true;
		snprintf(out->index, sizeof(out->index), "%s", part->index);
	}
}

static int say_unused(const struct check *check, const struct table *table, const char *index) {
	struct buf cure;
	int err;

	buf_init(&cure, 0);
	db_index_add_cure(check->db, &cure, table->name, index);
	err = words_say(
		&check->words,
		-ENOENT,
		"index '%s' of table '%s' is ignored or invisible, so the server does not use it; "
		"cure: %s",
		index,
		table->name,
		buf_text(&cure)
	);
	buf_fini(&cure);
	return err;
}

// By which the rows that go with another table's are found.
static int judge_joining_index(
	const struct check *check, const struct table *table, const struct index_facts *facts
) {
	if (facts->begins_with_key)
		return 0;
	if (facts->unused[0] != '\0')
		return say_unused(check, table, facts->unused);
	return words_say(
		&check->words,
		-ENOENT,
		"table '%s' has no index that begins with '%s'",
		table->name,
		table->key
	);
}

// By which the rows that are due are found.
static int judge_age_index(
	const struct check *check, const struct table *table, const struct index_facts *facts
) {
	if (facts->unused[0] != '\0')
		return say_unused(check, table, facts->unused);
	if (table->index_rule == INDEX_NAMED && !facts->named)
		return words_say(
			&check->words,
			-ENOENT,
			"table '%s' has no index '%s'",
			table->name,
			table->index
		);
	if (table->index_rule == INDEX_NAMED)
		return words_say(
			&check->words,
			-ENOENT,
			"index '%s' of table '%s' does not begin with '%s'",
			table->index,
			table->name,
			table->age
		);
	return words_say(
		&check->words,
		-ENOENT,
		"table '%s' has no index that begins with '%s', so it would be read as a whole; "
		"cure: CREATE INDEX %s_idx ON "
		"%s (%s), or 'index = optional' in the preset",
		table->name,
		table->age,
		table->age,
		table->name,
		table->age
	);
}

static int judge_indexes(
	const struct check *check,
	const struct table *table,
	const struct index_facts *facts,
	const struct schema_table *out
) {
	if (table->goes_with[0] != '\0')
		return judge_joining_index(check, table, facts);
	if (facts->primary_columns != 1 || !facts->primary_has_key)
		return words_say(
			&check->words,
			-ENOENT,
			"the primary key of table '%s' is not (%s)",
			table->name,
			table->key
		);
	if (out->has_index || table->index_rule == INDEX_OPTIONAL)
		return 0;
	return judge_age_index(check, table, facts);
}

static int check_indexes(struct check *check, const struct table *table, struct schema_table *out) {
	struct index_facts facts = {.named = false};
	struct db_result *result = NULL;
	struct db_index_part part;
	int err = db_index_list(check->db, table->name, &result);

	if (err < 0)
		return words_say(
			&check->words,
			err,
			"cannot list the indexes of table '%s': %s",
			table->name,
			db_error(check->db)
		);
	while (db_index_next(check->db, result, &part)) {
		// An index of an expression has no column.
		if (part.column != NULL)
			take_index_part(table, &part, &facts, out);
	}
	db_result_free(result);
	return judge_indexes(check, table, &facts, out);
}

// --- privileges

static int check_delete(struct check *check, const struct table *table) {
	int err;

	buf_clear(&check->sql);
	buf_str(&check->sql, "DELETE FROM ");
	db_quote_name(&check->sql, table->name);
	buf_str(&check->sql, " WHERE 1 = 0 AND ");
	db_quote_name(&check->sql, table->key);
	buf_str(&check->sql, " IS NULL");
	err = check->sql.error;
	if (err == 0)
		err = db_try(check->db, buf_text(&check->sql), check->wish->is_dryrun);
	if (err < 0)
		return words_say(
			&check->words,
			err,
			"cannot delete from table '%s': %s",
			table->name,
			db_error(check->db)
		);
	return 0;
}

static int check_removal(struct check *check) {
	int err = db_check_writable(check->db);

	if (err < 0)
		return words_say(&check->words, err, "%s", db_error(check->db));
	for (size_t i = 0; i < check->preset->count && err == 0; i++)
		err = check_delete(check, &check->preset->tables[i]);
	return err;
}

static int check_all(struct check *check) {
	int err = db_clock_check(check->db, SCHEMA_CLOCK_MS, check->words.text, check->words.bytes);

	for (size_t i = 0; i < check->preset->count && err == 0; i++) {
		const struct table *table = &check->preset->tables[i];

		err = check_table(check, table);
		if (err == 0)
			err = columns_check(check, table, &check->out->tables[i]);
		if (err == 0)
			err = check_indexes(check, table, &check->out->tables[i]);
	}
	for (size_t i = 0; i < check->preset->count && err == 0; i++) {
		err = references_check(check, &check->preset->tables[i]);
		if (err == 0)
			err = references_find_own(
				check, &check->preset->tables[i], &check->out->tables[i]
			);
	}
	if (err == 0)
		err = references_check_sight(check);
	if (err < 0 || !check->wish->will_remove)
		return err;
	err = check_removal(check);
	check->out->is_obstructed = err < 0 && check->wish->is_dryrun && db_answers(check->db);
	return check->out->is_obstructed ? 0 : err;
}

int schema_check(
	struct db *db,
	const struct preset *preset,
	const struct schema_wish *wish,
	struct schema *out,
	char *error,
	size_t error_bytes
) {
	struct check check = {
		.db = db,
		.preset = preset,
		.wish = wish,
		.out = out,
		.words = {.bytes = error_bytes},
	};
	int err;

	check.words.text = error;
	memset(out, 0, sizeof(*out));
	buf_init(&check.sql, 0);
	err = check_all(&check);
	buf_fini(&check.sql);
	return err;
}
