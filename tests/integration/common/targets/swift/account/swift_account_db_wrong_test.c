// SPDX-License-Identifier: MPL-2.0
// swift_account_db_wrong_test: what is no database of an account.
#include "support/test.h"

#include "common/targets/swift/account/account_db.h"
#include "support/account_sql.h"
#include "support/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int take_none(void *ctx, struct name_part name) {
	(void)ctx, (void)name;
	fail();
	return 0;
}

// Opens and reads it; the first error, and its words.
static int read_it(struct scratch *scratch, char error[200]) {
	struct account_info info;
	struct account_db *db = NULL;
	int err;

	error[0] = '\0';
	err = account_db_open(&db, scratch_path(scratch, "a.db"), error, 200);
	if (err < 0) {
		assert_null(db);
		return err;
	}
	err = account_db_info(db, &info, error, 200);
	account_db_close(db);
	return err;
}

static void assert_refused(struct scratch *scratch, int wanted, const char *words) {
	char *before = scratch_look(scratch->dir);
	char error[200];
	int err = read_it(scratch, error);

	if (strcmp(error, words) != 0)
		fail_msg("'%s' is not '%s'", error, words);
	assert_int_equal(err, wanted);
	scratch_assert_same(scratch->dir, before);
}

static void what_is_not_there_is_said(void **state) {
	struct scratch *scratch = *state;

	assert_refused(scratch, -ENOENT, "No such file or directory");
	assert_int_equal(symlink("nowhere", scratch_path(scratch, "a.db")), 0);
	assert_refused(scratch, -ENOENT, "No such file or directory");
}

static void what_is_no_file_is_not_opened(void **state) {
	struct scratch *scratch = *state;

	scratch_make_file(scratch, "a.db", "", 0);
	assert_refused(scratch, -EBADMSG, "it is empty, or no file");
	assert_int_equal(unlink(scratch_path(scratch, "a.db")), 0);
	scratch_make_dir(scratch, "a.db");
	assert_refused(scratch, -EBADMSG, "it is empty, or no file");
	assert_int_equal(rmdir(scratch_path(scratch, "a.db")), 0);
	assert_int_equal(mkfifo(scratch_path(scratch, "a.db"), 0600), 0);
	assert_refused(scratch, -EBADMSG, "it is empty, or no file");
}

// A journal beside an empty file would be removed by SQLite, also by one that only reads.
static void a_journal_beside_an_empty_file_stays(void **state) {
	struct scratch *scratch = *state;

	scratch_make_file(scratch, "a.db", "", 0);
	scratch_make_file(scratch, "a.db-journal", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
	assert_refused(scratch, -EBADMSG, "it is empty, or no file");
}

static void what_may_not_be_read_is_said(void **state) {
	struct scratch *scratch = *state;

	account_sql_close(account_sql_make(scratch_path(scratch, "a.db")));
	scratch_hide(scratch, "a.db");
	assert_refused(scratch, -EACCES, "Permission denied");
}

static void what_is_no_database_is_said(void **state) {
	struct scratch *scratch = *state;
	char rubbish[2000];

	memset(rubbish, 'x', sizeof(rubbish));
	scratch_make_file(scratch, "a.db", rubbish, sizeof(rubbish));
	assert_refused(scratch, -EBADMSG, "file is not a database");
	scratch_make_file(scratch, "a.db", rubbish, 1);
	assert_refused(scratch, -EBADMSG, "no such table: account_stat");
}

static void overwrite(struct scratch *scratch, const char *name, long from, long to) {
	FILE *stream = fopen(scratch_path(scratch, name), "r+be");

	assert_non_null(stream);
	assert_int_equal(fseek(stream, from, SEEK_SET), 0);
	for (long at = from; at < to; at++)
		fputc('x', stream);
	assert_int_equal(fclose(stream), 0);
}

static void a_damaged_database_is_told_from_one_that_is_busy(void **state) {
	struct scratch *scratch = *state;
	struct account_db *db = NULL;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	struct stat file;
	char error[200], name[32];

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "container-%d", i);
		account_sql_add(writer, name, strlen(name), 0);
	}
	account_sql_close(writer);
	assert_int_equal(stat(scratch_path(scratch, "a.db"), &file), 0);
	overwrite(scratch, "a.db", 4096, file.st_size);
	assert_refused(scratch, -EBADMSG, "database disk image is malformed");
	assert_int_equal(
		account_db_open(&db, scratch_path(scratch, "a.db"), error, sizeof(error)), 0
	);
	assert_int_equal(
		account_db_containers(db, (struct name_part){.len = 0}, 10, take_none, NULL),
		-EBADMSG
	);
	assert_non_null(strstr(account_db_error(db), "a damaged database"));
	account_db_close(db);
}

static void a_database_that_is_cut_short_is_damaged(void **state) {
	struct scratch *scratch = *state;

	account_sql_close(account_sql_make(scratch_path(scratch, "a.db")));
	assert_int_equal(truncate(scratch_path(scratch, "a.db"), 4096), 0);
	assert_refused(scratch, -EBADMSG, "database disk image is malformed");
}

static void a_database_of_something_else_is_named_by_what_it_lacks(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_open(scratch_path(scratch, "a.db"));

	account_sql_run(writer, "CREATE TABLE object (name TEXT)");
	assert_refused(scratch, -EBADMSG, "no such table: account_stat");
	account_sql_run(writer, "CREATE TABLE account_stat (account TEXT)");
	assert_refused(scratch, -EBADMSG, "no such column: status");
	account_sql_close(writer);
}

static void a_database_without_containers_to_list_is_said(void **state) {
	struct scratch *scratch = *state;
	struct account_db *db = NULL;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	char error[200];

	account_sql_run(writer, "DROP TABLE container");
	account_sql_close(writer);
	assert_int_equal(
		account_db_open(&db, scratch_path(scratch, "a.db"), error, sizeof(error)), 0
	);
	assert_int_equal(
		account_db_containers(db, (struct name_part){.len = 0}, 10, take_none, NULL),
		-EBADMSG
	);
	assert_string_equal(account_db_error(db), "no such table: container");
	account_db_close(db);
}

// It sorts behind every text, and no text is behind it.
static void a_container_whose_name_is_no_text_is_refused(void **state) {
	struct scratch *scratch = *state;
	struct account_db *db = NULL;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	char error[200];

	account_sql_run(writer, "INSERT INTO container (name) VALUES (x'6331')");
	account_sql_close(writer);
	assert_int_equal(
		account_db_open(&db, scratch_path(scratch, "a.db"), error, sizeof(error)), 0
	);
	assert_int_equal(
		account_db_containers(db, (struct name_part){.len = 0}, 10, take_none, NULL),
		-EBADMSG
	);
	assert_string_equal(
		account_db_error(db), "a container without a name, or a damaged database"
	);
	account_db_close(db);
}

static void an_account_that_is_not_understood_is_refused(void **state) {
	static const char *const changes[] = {
		"account = ''",
		"account = NULL",
		"account = printf('%.1100c', 'x')",
		"status = NULL",
		"status = printf('%.64c', 'x')",
		"put_timestamp = 'a' || char(0) || 'b'",
		"put_timestamp = NULL",
		"delete_timestamp = NULL",
		"delete_timestamp = printf('%.64c', '1')",
		"container_count = -1",
	};
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char sql[200];
		sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));

		snprintf(sql, sizeof(sql), "UPDATE account_stat SET %s", changes[i]);
		account_sql_run(writer, sql);
		account_sql_close(writer);
		assert_refused(scratch, -EBADMSG, "its account_stat has what is not understood");
		assert_int_equal(unlink(scratch_path(scratch, "a.db")), 0);
	}
}

static void an_account_that_says_nothing_is_refused(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));

	account_sql_run(writer, "DELETE FROM account_stat");
	account_sql_close(writer);
	assert_refused(scratch, -EBADMSG, "its account_stat is empty");
}

// SQLite makes files beside such a one to read it, and leaves them there.
static void a_database_with_a_log_is_not_touched(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));

	account_sql_run(writer, "PRAGMA journal_mode = WAL");
	account_sql_add(writer, "c1", 2, 0);
	account_sql_close(writer);
	assert_refused(
		scratch, -EBADMSG, "it has a write-ahead log, which Swift's databases have not"
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		WITH_A_SCRATCH(what_is_not_there_is_said),
		WITH_A_SCRATCH(what_is_no_file_is_not_opened),
		WITH_A_SCRATCH(a_journal_beside_an_empty_file_stays),
		WITH_A_SCRATCH(what_may_not_be_read_is_said),
		WITH_A_SCRATCH(what_is_no_database_is_said),
		WITH_A_SCRATCH(a_damaged_database_is_told_from_one_that_is_busy),
		WITH_A_SCRATCH(a_database_that_is_cut_short_is_damaged),
		WITH_A_SCRATCH(a_database_of_something_else_is_named_by_what_it_lacks),
		WITH_A_SCRATCH(a_database_without_containers_to_list_is_said),
		WITH_A_SCRATCH(a_container_whose_name_is_no_text_is_refused),
		WITH_A_SCRATCH(an_account_that_is_not_understood_is_refused),
		WITH_A_SCRATCH(an_account_that_says_nothing_is_refused),
		WITH_A_SCRATCH(a_database_with_a_log_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
