// SPDX-License-Identifier: MPL-2.0
// preflight: proves, before anything is touched, that the database is one that can be purged.
#include "common/targets/tokenserver/preflight.h"

#include "common/base/buf.h"
#include "common/base/words.h"
#include "common/db/db.h"
#include "common/db/db_clock.h"
#include "common/db/db_index.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/db/db_try.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SERVICE "sync-1.5"

struct check {
	struct db *db;
	struct words words;
};

// The first row of a SELECT; the caller frees the result. -ENODATA: none.
static int select_row(const struct check *check, const char *sql, struct db_result **out) {
	struct db_result *result;
	int err = db_select(check->db, sql, &result);

	if (err < 0)
		return err;
	if (!db_result_next(result)) {
		db_result_free(result);
		return -ENODATA;
	}
	*out = result;
	return 0;
}

struct statement {
	const char *sql; // changes nothing
	const char *what; // "cannot …"
	const char *table;
	const char *privilege;
};

static const struct statement reads[] = {
	{"SELECT id, service FROM services WHERE 1 = 0", "read", "services", "SELECT"},
	{"SELECT id, node, downed FROM nodes WHERE 1 = 0", "read", "nodes", "SELECT"},
	{"SELECT uid, service, email, generation, client_state, replaced_at, nodeid, "
	 "keys_changed_at "
	 "FROM users WHERE 1 = 0",
	 "read",
	 "users",
	 "SELECT"},
};

static const struct statement removes[] = {
	{"DELETE FROM users WHERE uid = -1 AND 1 = 0", "delete from", "users", "DELETE"},
};

static const struct statement locks[] = {
	{"SELECT uid FROM users WHERE uid = -1 AND 1 = 0 FOR UPDATE",
	 "lock rows of",
	 "users",
	 "DELETE"},
};

static const struct statement counts[] = {
	{"UPDATE nodes SET available = available + 0, current_load = current_load - 0 "
	 "WHERE id = -1 AND 1 = 0",
	 "update",
	 "nodes",
	 "UPDATE (available, current_load)"},
};

static const struct statement defers[] = {
	{"UPDATE users SET replaced_at = replaced_at WHERE uid = -1 AND 1 = 0",
	 "update",
	 "users",
	 "UPDATE (replaced_at)"},
};

// CURRENT_USER() as GRANT wants it: 'name'@'host'.
static void add_user(struct buf *out, const char *user) {
	const char *at = strrchr(user, '@');

	if (at == NULL)
		buf_fmt(out, "'%s'", user);
	else
		buf_fmt(out, "'%.*s'@'%s'", (int)(at - user), user, at + 1);
}

// Says that a statement was refused, and the GRANT that cures it.
static int say_refused(const struct check *check, const struct statement *statement, int err) {
	struct db_result *result = NULL;
	struct buf grant;
	char why[300];

	snprintf(why, sizeof(why), "%s", db_error(check->db));
	if (err != -EACCES)
		return words_say(
			&check->words,
			err,
			"cannot %s table '%s': %s",
			statement->what,
			statement->table,
			why
		);
	buf_init(&grant, 0);
	if (select_row(check, "SELECT DATABASE(), CURRENT_USER()", &result) == 0) {
		const char *database = db_result_text(result, 0, NULL);
		const char *user = db_result_text(result, 1, NULL);

		buf_fmt(&grant, "; cure: GRANT %s ON ", statement->privilege);
		db_quote_name(&grant, database == NULL ? "" : database);
		buf_fmt(&grant, ".%s TO ", statement->table);
		add_user(&grant, user == NULL ? "" : user);
		db_result_free(result);
	}
	err = words_say(
		&check->words,
		-EACCES,
		"cannot %s table '%s': %s%s",
		statement->what,
		statement->table,
		why,
		buf_text(&grant)
	);
	buf_fini(&grant);
	return err;
}

static int try_reads(const struct check *check, const struct statement *statements, size_t count) {
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		struct db_result *result;

		err = db_select(check->db, statements[i].sql, &result);
		if (err < 0)
			return say_refused(check, &statements[i], err);
		db_result_free(result);
	}
	return err;
}

static int try_write(const struct check *check, const struct statement *statement, bool only_plan) {
	int err = db_try(check->db, statement->sql, only_plan);

	return err < 0 ? say_refused(check, statement, err) : 0;
}

static int check_writes(const struct check *check, const struct preflight_wish *wish) {
	int err = 0;

	if (wish->will_remove)
		err = try_write(check, removes, wish->is_dryrun);
	if (err == 0 && wish->will_remove)
		err = try_reads(check, locks, 1);
	if (err == 0 && wish->will_count)
		err = try_write(check, counts, wish->is_dryrun);
	if (err == 0 && wish->will_defer)
		err = try_write(check, defers, wish->is_dryrun);
	return err;
}

static int find_service(const struct check *check, int64_t *service) {
	static const char sql[] = "SELECT id FROM services WHERE service = '" SERVICE "'";
	struct db_result *result;
	int err = select_row(check, sql, &result);

	if (err == -ENODATA)
		return words_say(
			&check->words,
			-ENOENT,
			"the table 'services' has no service '" SERVICE
			"': is this a Tokenserver database?"
		);
	if (err < 0)
		return words_say(
			&check->words,
			err,
			"cannot find the service '" SERVICE "': %s",
			db_error(check->db)
		);
	*service = db_result_int(result, 0);
	db_result_free(result);
	return 0;
}

enum { INDEX_COLUMNS = 4, INDEX_NAME_BYTES = 64 * 4 + 1 };

// One index of users, gathered from its parts.
struct index {
	char name[INDEX_NAME_BYTES];
	char columns[INDEX_COLUMNS][INDEX_NAME_BYTES];
	size_t count; // may be more than INDEX_COLUMNS
	// The server does as if it were not there.
	bool is_unused;
};

struct indexes {
	bool has_uid; // the primary key is uid
	// One that begins with email; "": none.
	char email[INDEX_NAME_BYTES];
	char backlog[INDEX_NAME_BYTES];
	char unused_email[INDEX_NAME_BYTES]; // would do if it were used
	char unused_backlog[INDEX_NAME_BYTES];
};

static bool is_column(const struct index *index, size_t position, const char *name) {
	return position < index->count && strcasecmp(index->columns[position], name) == 0;
}

static void note_name(char *out, const struct index *index) {
	snprintf(out, INDEX_NAME_BYTES, "%s", index->name);
}

static void judge_index(const struct index *index, struct indexes *out) {
	bool ends = index->count == 2 || (index->count == 3 && is_column(index, 2, "uid"));

	if (strcmp(index->name, "PRIMARY") == 0 && index->count == 1 && is_column(index, 0, "uid"))
		out->has_uid = true;
	if (is_column(index, 0, "email"))
		note_name(index->is_unused ? out->unused_email : out->email, index);
	if (ends && is_column(index, 0, "service") && is_column(index, 1, "replaced_at"))
		note_name(index->is_unused ? out->unused_backlog : out->backlog, index);
}

static void read_indexes(const struct db *db, struct db_result *result, struct indexes *out) {
	struct index index = {.count = 0};
	struct db_index_part part;

	while (db_index_next(db, result, &part)) {
		if (part.position == 1) {
			judge_index(&index, out);
			index.count = 0;
			index.is_unused = part.is_unused;
			snprintf(index.name, sizeof(index.name), "%s", part.index);
		}
		if (index.count < INDEX_COLUMNS)
			snprintf(
				index.columns[index.count],
				sizeof(index.columns[0]),
				"%s",
				part.column == NULL ? "" : part.column
			);
		index.count++;
	}
	judge_index(&index, out);
}

struct needed_index {
	const char *what;
	const char *lack; // what would happen without it
	const char *cure;
};

static int say_lacking(
	const struct check *check, const struct needed_index *needed, const char *unused
) {
	struct buf cure;
	int err;

	buf_init(&cure, 0);
	if (unused[0] == '\0')
		buf_str(&cure, needed->cure);
	else
		db_index_add_cure(check->db, &cure, "users", unused);
	err = words_say(
		&check->words,
		-ENOENT,
		"table 'users' has no index %s%s%s%s, so every %s would read all of it; cure: %s",
		needed->what,
		unused[0] == '\0' ? "" : " that the server uses ('",
		unused,
		unused[0] == '\0' ? "" : "' is ignored or invisible)",
		needed->lack,
		buf_text(&cure)
	);
	buf_fini(&cure);
	return err;
}

static int check_indexes(const struct check *check, const struct indexes *found) {
	static const struct needed_index backlog = {
		"(service, replaced_at)",
		"scan",
		"CREATE INDEX replaced_at_idx ON users (service, replaced_at)",
	};
	static const struct needed_index email = {
		"that begins with email",
		"check",
		"CREATE INDEX lookup_idx ON users (email, service, created_at)",
	};

	if (!found->has_uid)
		return words_say(
			&check->words, -ENOENT, "the primary key of table 'users' is not (uid)"
		);
	if (found->backlog[0] == '\0')
		return say_lacking(check, &backlog, found->unused_backlog);
	if (found->email[0] == '\0')
		return say_lacking(check, &email, found->unused_email);
	return 0;
}

static int find_indexes(const struct check *check, struct preflight *out) {
	struct indexes found = {.has_uid = false};
	struct db_result *result;
	struct buf name;
	int err = db_index_list(check->db, "users", &result);

	if (err < 0)
		return words_say(
			&check->words,
			err,
			"cannot list the indexes of table 'users': %s",
			db_error(check->db)
		);
	read_indexes(check->db, result, &found);
	db_result_free(result);
	err = check_indexes(check, &found);
	if (err < 0)
		return err;
	buf_init(&name, 0);
	err = db_quote_name(&name, found.backlog);
	if (err == 0 && name.len >= sizeof(out->backlog_index))
		err = -EMSGSIZE;
	if (err == 0)
		memcpy(out->backlog_index, name.data, name.len + 1);
	buf_fini(&name);
	return err < 0 ? words_say(&check->words, err, "the name of an index is too long") : 0;
}

int preflight_run(
	struct db *db,
	const struct preflight_wish *wish,
	struct preflight *out,
	char *error,
	size_t error_bytes
) {
	struct check check = {.db = db, .words = {.text = error, .bytes = error_bytes}};
	struct preflight found = {.service = 0};
	int err;

	err = db_clock_check(db, PREFLIGHT_CLOCK_MS, error, error_bytes);
	if (err == 0)
		err = try_reads(&check, reads, sizeof(reads) / sizeof(reads[0]));
	if (err == 0)
		err = find_service(&check, &found.service);
	if (err == 0)
		err = find_indexes(&check, &found);
	if (err < 0)
		return err;
	err = check_writes(&check, wish);
	found.is_obstructed = err < 0 && wish->is_dryrun && db_answers(db);
	if (err < 0 && !found.is_obstructed)
		return err;
	*out = found;
	return 0;
}
