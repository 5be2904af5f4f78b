// SPDX-License-Identifier: MPL-2.0
// references: foreign keys that refer to the tables of a preset.
#include "common/targets/softdelete/schema/references.h"

#include "common/base/buf.h"
#include "common/base/words.h"
#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/config/preset.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

// When the rows of a table go: its place in the order, or that of the table it goes with.
static const struct table *stage_of(const struct preset *preset, const struct table *table) {
	return table->goes_with[0] == '\0' ? table : preset_find(preset, table->goes_with);
}

struct reference {
	const char *constraint;
	const char *child;
	// What happens to the child when its parent goes.
	const char *rule;
};

static int judge_reference(
	const struct check *check, const struct table *parent, const struct reference *reference
) {
	const struct table *child = preset_find(check->preset, reference->child);
	const struct table *parent_stage = stage_of(check->preset, parent);
	const struct table *child_stage = child == NULL ? NULL : stage_of(check->preset, child);

	if (strcasecmp(reference->rule, "RESTRICT") != 0 &&
	    strcasecmp(reference->rule, "NO ACTION") != 0)
		return words_say(
			&check->words,
			-EPERM,
			"foreign key '%s' of table '%s' says ON DELETE %s: rows that are in use "
			"could go with those of table "
			"'%s'; refused",
			reference->constraint,
			reference->child,
			reference->rule,
			parent->name
		);
	// The order of the tables in the preset is that of their addresses.
	if (child_stage == NULL || child_stage < parent_stage || child == parent)
		return 0;
	if (child_stage == parent_stage && child->goes_with[0] != '\0' &&
	    parent->goes_with[0] == '\0')
		return 0;
	return words_say(
		&check->words,
		-EDEADLK,
		"the order violates foreign key '%s': table '%s' refers to table '%s', so its "
		"section must stand before that "
		"one",
		reference->constraint,
		reference->child,
		parent->name
	);
}

int references_check(struct check *check, const struct table *table) {
	struct db_result *result = NULL;
	int err = check_ask(
		check,
		"CONSTRAINT_NAME, TABLE_NAME, DELETE_RULE FROM "
		"information_schema.REFERENTIAL_CONSTRAINTS WHERE "
		"UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = ",
		table->name,
		&result
	);

	while (err == 0 && db_result_next(result)) {
		const struct reference reference = {
			.constraint = db_result_text(result, 0, NULL),
			.child = db_result_text(result, 1, NULL),
			.rule = db_result_text(result, 2, NULL),
		};

		err = judge_reference(check, table, &reference);
		if (err < 0) {
			db_result_free(result);
			return err;
		}
	}
	if (err == 0)
		db_result_free(result);
	return err;
}

// A key of several columns, or to another column than the key, is left to the server: what it holds
// goes with later runs.
int references_find_own(struct check *check, const struct table *table, struct schema_table *out) {
	struct db_result *result = NULL;
	int err = check_ask(
		check,
		"MIN(COLUMN_NAME), MIN(REFERENCED_COLUMN_NAME), COUNT(*) FROM "
		"information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND "
		"REFERENCED_TABLE_SCHEMA = TABLE_SCHEMA AND REFERENCED_TABLE_NAME = TABLE_NAME "
		"GROUP BY TABLE_NAME, CONSTRAINT_NAME HAVING TABLE_NAME = ",
		table->name,
		&result
	);

	while (err == 0 && out->parent_count < TREE_PARENTS_MAX && db_result_next(result)) {
		if (db_result_int(result, 2) != 1 ||
		    strcasecmp(db_result_text(result, 1, NULL), table->key) != 0)
			continue;
		snprintf(
			out->parents[out->parent_count++],
			PRESET_NAME_BYTES,
			"%s",
			db_result_text(result, 0, NULL)
		);
	}
	if (err == 0)
		db_result_free(result);
	return err;
}

// Appends "(SELECT COUNT(*) …)": this user's rights of one kind that show foreign keys.
static void add_rights(struct check *check, const char *table, const char *where) {
	buf_fmt(&check->sql,
		"(SELECT COUNT(*) FROM information_schema.%s WHERE REPLACE(GRANTEE, '''', '') = "
		"REPLACE(CURRENT_USER(), '''', '')%s AND PRIVILEGE_TYPE IN ('INSERT','UPDATE',"
		"'DELETE','CREATE','DROP','REFERENCES','INDEX','ALTER','CREATE VIEW','SHOW "
		"VIEW','TRIGGER'%s))",
		table,
		where,
		db_is_mariadb(check->db) ? "" : ",'SELECT'");
}

// A server shows a foreign key only to those who have a right on the table that has it; MariaDB
// wants another right than SELECT. Only a right on the whole database shows all of them.
int references_check_sight(struct check *check) {
	struct db_result *result = NULL;
	int64_t count;
	int err;

	buf_clear(&check->sql);
	buf_str(&check->sql, "SELECT ");
	add_rights(check, "USER_PRIVILEGES", "");
	buf_str(&check->sql, " + ");
	add_rights(check, "SCHEMA_PRIVILEGES", " AND DATABASE() LIKE TABLE_SCHEMA");
	buf_str(&check->sql, ", DATABASE()");
	err = check->sql.error < 0 ? check->sql.error
				   : db_select(check->db, buf_text(&check->sql), &result);
	if (err < 0)
		return words_say(
			&check->words, err, "cannot read the rights: %s", db_error(check->db)
		);
	count = db_result_next(result) ? db_result_int(result, 0) : 0;
	if (count == 0)
		snprintf(
			check->out->warning,
			sizeof(check->out->warning),
			"could not check the foreign keys of all tables: this user itself has no "
			"right on "
			"the whole database that shows them. A foreign key that says ON DELETE "
			"CASCADE would remove rows unseen; cure: GRANT SELECT, REFERENCES ON "
			"%.100s.*",
			db_result_text(result, 1, NULL)
		);
	db_result_free(result);
	return 0;
}
