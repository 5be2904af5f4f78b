// SPDX-License-Identifier: MPL-2.0
// tokenserver_rows_test: what a check says later of the rows that a scan found, and what remove and
// defer take of them.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/page.h"
#include "common/target/target_calls.h"
#include "common/targets/tokenserver/rows.h"
#include "common/targets/tokenserver/tokenserver.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"
#include "support/tokenserver_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { USERS_MAX = 40 * 1000 };

static const struct target *const target = &target_tokenserver;

// --- check

static void judges_again_by_what_the_database_says_now(void **state) {
	struct world *world = *state;
	struct run *run;
	int64_t before_ms;

	tokenserver_add_replaced(world->server, 1, 9, 1, world->old_ms);
	run = run_scan_all(world);
	mariadb_sql(world->server, "DELETE FROM users WHERE uid = 1");
	mariadb_sql(world->server, "UPDATE users SET replaced_at = NULL WHERE uid = 2");
	mariadb_sqlf(
		world->server,
		"UPDATE users SET replaced_at = %lld WHERE uid = 3",
		(long long)world->young_ms
	);
	mariadb_sql(world->server, "UPDATE users SET nodeid = 2 WHERE uid = 4");
	mariadb_sql(world->server, "UPDATE users SET nodeid = 77 WHERE uid = 5");
	mariadb_sql(world->server, "UPDATE users SET replaced_at = replaced_at - 1 WHERE uid = 6");
	mariadb_sql(world->server, "UPDATE users SET client_state = 'xx' WHERE uid = 7");
	mariadb_sql(world->server, "INSERT INTO services (id, service) VALUES (2, 'other')");
	mariadb_sql(world->server, "UPDATE users SET service = 2 WHERE uid = 8");
	before_ms = clock_mono_ms();
	run_check(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_GONE);
	run_assert_fate(run, 2, VERDICT_LEFT, REASON_LIVE);
	run_assert_fate(run, 3, VERDICT_LEFT, REASON_YOUNG);
	run_assert_fate(run, 4, VERDICT_LEFT, REASON_NODE_DOWN);
	run_assert_fate(run, 5, VERDICT_GO, REASON_NONE);
	assert_true(run_state(run, 5)->nodeless);
	assert_false(run_find(run, 5)->counted);
	run_assert_fate(run, 6, VERDICT_GO, REASON_NONE);
	assert_int_equal(run_state(run, 6)->replaced_at, world->old_ms - 1);
	run_assert_fate(run, 7, VERDICT_FAILED, REASON_UNKNOWN);
	run_assert_fate(run, 8, VERDICT_DONE, REASON_GONE);
	run_assert_fate(run, 9, VERDICT_GO, REASON_NONE);
	assert_int_in_range(run_find(run, 9)->judged.mono_ms, before_ms, clock_mono_ms());
	run_free(run);
}

static void obeys_the_stricter_of_two_cutoffs(void **state) {
	struct world *world = *state;
	struct run *run;

	tokenserver_add_replaced(world->server, 1, 2, 1, world->old_ms);
	run = run_scan_all(world);
	run->tasks[0].candidate->cutoff = world->old_ms; // as of a pass long ago
	run_check(run);
	run_assert_fate(run, 1, VERDICT_LEFT, REASON_YOUNG);
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	world->config.grace_ms = 72LL * HOUR_MS; // the worker's own is longer
	run_check(run);
	run_assert_fate(run, 2, VERDICT_LEFT, REASON_YOUNG);
	run_free(run);
}

static void never_sends_again_after_a_412(void **state) {
	struct world *world = *state;
	const struct http_answer modified = {.status = 412};
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_scan_all(world);
	for (int64_t uid = 1; uid <= 2; uid++) {
		struct finding finding = {.verdict = VERDICT_FAILED};

		target->calls->take(&world->config, run_find(run, uid), 0, &modified, &finding);
		assert_int_equal(finding.verdict, VERDICT_RECHECK);
	}
	world_add(world, 3, "b@x", 0, 1); // the one who wrote is live
	run_check(run);
	run_assert_fate(run, 1, VERDICT_LEFT, REASON_MODIFIED);
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE); // the row alone can go
	assert_true(run_state(run, 2)->held_back);
	run_free(run);
}

static void owns_a_row_that_an_unheard_commit_took(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_scan_all(world);
	mariadb_sql(world->server, "DELETE FROM users");
	((struct state *)run_find(run, 1)->state)->commit_unknown = true;
	run_check(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_equal(run_result(run, 1)->rows.removed, 1);
	run_free(run);
}

static void spares_the_data_of_records_in_use_without_a_generation(void **state) {
	struct world *world = *state;
	struct run *run;

	mariadb_sql(world->server, "ALTER TABLE users MODIFY generation BIGINT NULL");
	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	world_add(world, 3, "a@x", 0, 1);
	world_add(world, 4, "b@x", world->young_ms, 1);
	mariadb_sql(world->server, "UPDATE users SET keys_changed_at = 7");
	mariadb_sql(world->server, "UPDATE users SET generation = NULL WHERE uid > 2");
	run = run_scan_all(world);
	run_check(run);
	for (int64_t uid = 1; uid <= 2; uid++) {
		run_assert_fate(run, uid, VERDICT_GO, REASON_NONE);
		assert_true(run_state(run, uid)->held_back);
	}
	run_free(run);
}

static void spares_the_data_of_a_live_record_of_a_retired_user_from_an_override(void **state) {
	struct world *world = *state;
	struct run *run;

	for (int64_t uid = 1; uid <= 4; uid++)
		world_add(world, uid, uid % 2 ? "a@x" : "b@x", uid > 2 ? 0 : world->old_ms, 2);
	mariadb_sql(world->server, "UPDATE users SET keys_changed_at = 7");
	mariadb_sqlf(
		world->server,
		"UPDATE users SET generation = %lld WHERE uid = 3",
		(long long)RULE_RETIRED
	);
	mariadb_sql(world->server, "UPDATE users SET client_state = 'cc' WHERE uid = 4");
	world->config.force = true;
	world->config.override_node = (char *)"https://o";
	run = run_scan_all(world);
	run_check(run);
	assert_true(run_state(run, 1)->held_back);
	assert_false(run_state(run, 2)->held_back);
	run_free(run);
}

static void fails_a_record_whose_key_nobody_knows(void **state) {
	struct world *world = *state;
	struct run *run;

	mariadb_sql(world->server, "ALTER TABLE users MODIFY generation BIGINT NULL");
	for (int uid = 1; uid <= 3; uid++)
		world_add(world, uid, NULL, world->old_ms, 1);
	mariadb_sql(
		world->server,
		"UPDATE users SET generation = NULL, keys_changed_at = ELT(uid, NULL, 0, 7)"
	);
	run = run_scan_all(world);
	run_check(run);
	run_assert_fate(run, 1, VERDICT_FAILED, REASON_UNKNOWN);
	run_assert_fate(run, 2, VERDICT_FAILED, REASON_UNKNOWN);
	run_assert_fate(run, 3, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static void fails_a_record_without_an_email_alone(void **state) {
	struct world *world = *state;
	struct run *run;

	mariadb_sql(world->server, "ALTER TABLE users MODIFY email VARCHAR(255) NULL");
	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	world_add(world, 3, "c@x", world->old_ms, 77);
	mariadb_sql(world->server, "UPDATE users SET email = NULL WHERE uid IN (2, 3)");
	run = run_scan_all(world);
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	run_assert_fate(run, 2, VERDICT_FAILED, REASON_UNKNOWN);
	run_assert_fate(run, 3, VERDICT_GO, REASON_NONE); // no node, no question
	assert_non_null(strstr(finding_words(&run_result(run, 2)->finding), "NULL"));
	run_free(run);
}

static struct row_set *load_first(struct world *world, size_t count) {
	static int64_t uids[USERS_MAX];
	struct row_set *set = NULL;

	assert_true(count <= USERS_MAX);
	for (size_t i = 0; i < count; i++)
		uids[i] = (int64_t)i + 1;
	assert_int_equal(rows_load(&set, handle_db(world->handle), uids, count, true, 0), 0);
	return set;
}

static size_t count_others(const struct row_set *set, int64_t uid) {
	const struct user_row *others;
	size_t count;

	assert_true(rows_others(set, rows_find(set, uid), &others, &count));
	for (size_t i = 0; i < count; i++)
		assert_string_equal(others[i].email, rows_find(set, uid)->email);
	return count;
}

static int64_t statements(struct world *world) {
	return test_db_status(handle_db(world->handle), "COM_SELECT");
}

static void looks_the_users_of_a_large_page_up_in_few_statements(void **state) {
	struct world *world = *state;
	struct row_set *set;
	int64_t before;

	tokenserver_add_replaced(world->server, 1, USERS_MAX, 1, world->old_ms);
	before = statements(world);
	set = load_first(world, USERS_MAX);
	assert_int_in_range(statements(world) - before, 1, 20);
	for (int64_t uid = 1; uid <= USERS_MAX; uid++)
		assert_int_equal(count_others(set, uid), 1);
	rows_free(set);
}

static void tells_a_user_of_too_many_records_from_those_of_many(void **state) {
	struct world *world = *state;
	const struct user_row *others;
	struct row_set *set;
	int64_t before;
	size_t count;

	tokenserver_add_replaced(world->server, 1, 1000, 1, world->old_ms);
	// Users 11 to 20 have 4,000 live records each, and user 500 has 25,000.
	mariadb_sql(
		world->server,
		"INSERT INTO users (service, email, generation, client_state, created_at, nodeid)"
		" SELECT 1, CONCAT('user', 11 + seq % 10, '@example.com'), 1, 'aa', 0, 1"
		" FROM " MARIADB_NUMBERS(40000
		) ";"
		  "INSERT INTO users (service, email, generation, client_state, created_at, nodeid)"
		  " SELECT 1, 'user500@example.com', 1, 'aa', 0, 1 FROM " MARIADB_NUMBERS(25000)
	);
	before = statements(world);
	set = load_first(world, 1000);
	assert_int_in_range(statements(world) - before, 1, 60);
	for (int64_t uid = 1; uid <= 1000; uid++) {
		if (uid != 500)
			assert_int_equal(count_others(set, uid), uid >= 11 && uid <= 20 ? 4001 : 1);
	}
	assert_false(rows_others(set, rows_find(set, 500), &others, &count));
	rows_free(set);
}

// --- remove and defer

static void removes_what_was_judged(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 77);
	world_add(world, 3, "c@x", world->old_ms, 1);
	run = run_scan_all(world);
	mariadb_sql(world->server, "UPDATE users SET replaced_at = replaced_at + 1 WHERE uid = 3");
	run_remove(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_equal(run_result(run, 1)->rows.removed, 1);
	run_assert_fate(run, 2, VERDICT_DONE, REASON_NONE);
	run_assert_fate(run, 3, VERDICT_LEFT, REASON_CHANGED);
	assert_int_equal(run_result(run, 3)->rows.removed, 0);
	assert_int_equal(tokenserver_count_users(world->server), 1);
	assert_int_equal(tokenserver_counters(world->server, 1).available, 11);
	assert_int_equal(tokenserver_counters(world->server, 1).current_load, 89);
	run_check(run);
	run_remove(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_GONE);
	assert_int_equal(run_result(run, 1)->rows.removed, 0);
	// The check took the new time over.
	run_assert_fate(run, 3, VERDICT_DONE, REASON_NONE);
	assert_int_equal(tokenserver_counters(world->server, 1).available, 12);
	run_free(run);
}

static void leaves_the_counters_alone_with_spanner(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world->config.keep_counters = true;
	run = run_scan_all(world);
	run_remove(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_equal(tokenserver_counters(world->server, 1).available, 10);
	run_free(run);
}

static void defers_to_now(void **state) {
	struct world *world = *state;
	int64_t before_ms = clock_wall_ms();
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_scan_all(world);
	run_defer(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_in_range(tokenserver_replaced_at(world->server, 1), before_ms, clock_wall_ms());
	run_defer(run);
	run_assert_fate(run, 1, VERDICT_LEFT, REASON_CHANGED);
	run_free(run);
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define ROWS_TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		ROWS_TEST(judges_again_by_what_the_database_says_now),
		ROWS_TEST(obeys_the_stricter_of_two_cutoffs),
		ROWS_TEST(never_sends_again_after_a_412),
		ROWS_TEST(owns_a_row_that_an_unheard_commit_took),
		ROWS_TEST(spares_the_data_of_records_in_use_without_a_generation),
		ROWS_TEST(spares_the_data_of_a_live_record_of_a_retired_user_from_an_override),
		ROWS_TEST(fails_a_record_without_an_email_alone),
		ROWS_TEST(fails_a_record_whose_key_nobody_knows),
		ROWS_TEST(looks_the_users_of_a_large_page_up_in_few_statements),
		ROWS_TEST(tells_a_user_of_too_many_records_from_those_of_many),
		ROWS_TEST(removes_what_was_judged),
		ROWS_TEST(leaves_the_counters_alone_with_spanner),
		ROWS_TEST(defers_to_now),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
