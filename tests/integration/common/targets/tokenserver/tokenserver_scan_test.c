// SPDX-License-Identifier: MPL-2.0
// tokenserver_scan_test: what a scan of a real database finds, and what it says when it cannot.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/page.h"
#include "common/target/target_calls.h"
#include "common/target/target_scanner.h"
#include "common/targets/tokenserver/tokenserver.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"
#include "support/tokenserver_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct target *const target = &target_tokenserver;

// When the first look at the database began since this was set to 0; it takes until the clock has
// moved on.
static int64_t looked_ms = -1;

WRAPS(db_select);

int __wrap_db_select(struct db *db, const char *sql, struct db_result **out) {
	if (looked_ms == 0) {
		looked_ms = clock_mono_ms();
		while (clock_mono_ms() == looked_ms) {
		}
	}
	return __real_db_select(db, sql, out);
}

// --- scan

static void finds_what_is_to_be_purged(void **state) {
	struct world *world = *state;
	int64_t before_ms = clock_mono_ms();
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->young_ms, 1);
	world_add(world, 3, "c@x", 0, 1);
	world_add(world, 4, "d@x", world->old_ms, 2); // its node is down
	world_add(world, 5, "e@x", world->old_ms, 77); // its node is gone
	run = run_scan_all(world);
	assert_int_equal(run->count, 2);
	assert_int_equal(run->rows, 3);
	assert_int_equal(run->left[REASON_NODE_DOWN], 1);
	assert_true(run_state(run, 1)->send_delete);
	assert_string_equal(run_state(run, 1)->node, "https://n1");
	assert_string_equal(run_state(run, 1)->fxa_uid, "a");
	assert_string_equal(run_state(run, 1)->fxa_kid, "0000000000005-qrs");
	assert_true(run_find(run, 1)->counted);
	assert_true(run_state(run, 5)->nodeless);
	assert_false(run_find(run, 5)->counted);
	assert_string_equal(run_find(run, 1)->candidate->id, "1");
	assert_int_equal(run_find(run, 1)->candidate->at, world->old_ms);
	assert_int_equal(run_find(run, 1)->candidate->cutoff, run->pass.facts.cutoff);
	assert_int_in_range(run_find(run, 1)->judged.mono_ms, before_ms, clock_mono_ms());
	run_free(run);
}

// What is seen may be as old as the moment before the look.
static void a_judgement_is_as_old_as_the_look_it_rests_on(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	looked_ms = 0;
	run = run_scan_all(world);
	looked_ms = 0;
	run_check(run);
	assert_true(run_find(run, 1)->judged.mono_ms <= looked_ms);
	run_free(run);
	looked_ms = -1;
}

static void carries_a_row_that_cannot_be_purged(void **state) {
	struct world *world = *state;
	struct run *run;

	tokenserver_add_user(
		world->server,
		&(struct tokenserver_user){
			.uid = 1,
			.client_state = "not hex",
			.generation = 5,
			.replaced_at = world->old_ms,
			.nodeid = 1}
	);
	run = run_scan_all(world);
	assert_string_equal(run_state(run, 1)->fault, "client_state is not hex");
	run_check(run);
	run_assert_fate(run, 1, VERDICT_FAILED, REASON_UNKNOWN);
	assert_string_equal(finding_words(&run_result(run, 1)->finding), "client_state is not hex");
	run_free(run);
}

static void finds_rows_of_a_node_that_is_down_when_forced(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 4, "d@x", world->old_ms, 2);
	world->config.force = true;
	world->config.override_node = (char *)"https://o";
	run = run_scan_all(world);
	assert_true(run_state(run, 4)->forced);
	assert_string_equal(run_state(run, 4)->node, "https://o");
	run_free(run);
}

static void meets_every_row_once_over_pages_and_ties(void **state) {
	struct world *world = *state;
	struct run *run;

	tokenserver_add_replaced(world->server, 1, 50, 1, world->old_ms);
	for (size_t page_rows = 1; page_rows < 60; page_rows += 7) {
		run = run_scan(world, &(struct pass){.wish = {.page_rows = page_rows}});
		assert_int_equal(run->count, 50);
		for (size_t i = 0; i < 50; i++)
			assert_int_equal(run->tasks[i].candidate->key, i + 1);
		run_free(run);
	}
}

static void keeps_to_the_range(void **state) {
	struct world *world = *state;
	struct run *run;

	tokenserver_add_replaced(world->server, 1, 50, 1, world->old_ms);
	run = run_scan(
		world,
		&(struct pass
		){.wish =
			  {.page_rows = 3,
			   .has_range_start = true,
			   .range_start = 10,
			   .has_range_end = true,
			   .range_end = 20}}
	);
	assert_int_equal(run->count, 9);
	assert_int_equal(run->tasks[0].candidate->key, 11);
	assert_int_equal(run->tasks[8].candidate->key, 19);
	run_free(run);
}

static void estimates_the_pass(void **state) {
	int64_t staying = 0;
	struct world *world = *state;
	struct pass pass = {.wish = {.page_rows = 10, .started_wall_ms = clock_wall_ms()}};
	struct estimate estimate;

	tokenserver_add_replaced(world->server, 1, 30, 1, world->old_ms);
	tokenserver_add_replaced(world->server, 31, 10, 1, world->young_ms);
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), 0);
	assert_int_equal(
		target->scanner->estimate(&world->config, world->handle, &pass, 5000, &estimate), 0
	);
	assert_int_equal(estimate.eligible, 30);
	assert_true(estimate.eligible_exact);
	assert_int_equal(
		target->scanner->count_staying(
			&world->config, world->handle, &pass, 5000, 100, &staying
		),
		0
	);
	assert_int_equal(staying, 10);
	target->scanner->end(&world->config, &pass);
	target->scanner->end(&world->config, &pass); // twice is fine
}

static void never_sends_what_is_not_text(void **state) {
	struct world *world = *state;
	struct run *run;

	mariadb_sql(world->server, "ALTER TABLE users MODIFY email VARBINARY(3000) NOT NULL");
	mariadb_sql(world->server, "ALTER TABLE nodes MODIFY node VARBINARY(3060) NOT NULL");
	mariadb_sqlf(
		world->server,
		"UPDATE nodes SET node = CONCAT('https://n1/', REPEAT('a', 3000)) WHERE id = 1"
	);
	tokenserver_add_node(world->server, 3, "https://n3", false);
	tokenserver_add_node(world->server, 4, "https://n\xff", false);
	tokenserver_add_node(world->server, 5, "", false);
	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b\xc3@x", world->old_ms, 3);
	world_add(world, 3, "c@x", world->old_ms, 4);
	world_add(world, 4, "d@x", world->old_ms, 5);
	mariadb_sqlf(world->server, "UPDATE users SET email = REPEAT('e', 2000) WHERE uid = 4");
	world_add(world, 5, "e@x", world->old_ms, 3);
	mariadb_sqlf(world->server, "UPDATE users SET email = 'e\\0@x' WHERE uid = 5");
	world_add(world, 6, "f@x", world->old_ms, 5);
	run = run_scan_all(world);
	assert_int_equal(run->count, 6);
	for (int64_t uid = 1; uid <= 6; uid++) {
		struct call_plan plan;
		struct finding why = {0};

		if (run_state(run, uid)->fault == NULL)
			fail_msg("uid %lld would be purged", (long long)uid);
		assert_false(run_state(run, uid)->nodeless);
		assert_int_equal(
			target->calls->next(&world->config, run_find(run, uid), 0, &plan, &why),
			-EINVAL
		);
		finding_clear(&why);
	}
	run_free(run);
}

// --- what goes wrong

static void says_what_is_wrong_before_anything_is_touched(void **state) {
	struct world *world = *state;
	struct pass pass = {
		.wish = {.page_rows = 10, .started_wall_ms = clock_wall_ms(), .will_defer = true}};

	world_add(world, 1, "a@x", world->old_ms, 1);
	mariadb_sql(world->server, "UPDATE services SET service = 'other'");
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), -ENOENT);
	assert_non_null(strstr(pass.facts.error, "sync-1.5"));
	assert_null(pass.facts.scan);
	target->scanner->end(&world->config, &pass);
	assert_true(tokenserver_has_user(world->server, 1));
}

static void asks_for_no_more_than_it_will_do(void **state) {
	struct world *world = *state;
	struct pass pass = {
		.wish = {.page_rows = 10, .started_wall_ms = clock_wall_ms(), .dryrun = true}};
	char url[100];

	mariadb_sql(
		world->server,
		"DROP USER IF EXISTS 'reader'@'127.0.0.1'; CREATE USER 'reader'@'127.0.0.1' "
		"IDENTIFIED BY 'r';"
		"GRANT SELECT ON tokenserver.* TO 'reader'@'127.0.0.1'"
	);
	snprintf(
		url,
		sizeof(url),
		"mysql://reader:r@127.0.0.1:%d/tokenserver",
		mariadb_port(world->server)
	);
	world_open(world, url);
	assert_int_equal(handle_open(world->handle), 0);
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), 0);
	target->scanner->end(&world->config, &pass);
	pass.wish.dryrun = false;
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), -EACCES);
	assert_non_null(strstr(pass.facts.error, "GRANT DELETE"));
	mariadb_sql(world->server, "GRANT DELETE ON tokenserver.users TO 'reader'@'127.0.0.1'");
	handle_close(world->handle);
	assert_int_equal(handle_open(world->handle), 0);
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), -EACCES);
	assert_non_null(strstr(pass.facts.error, "GRANT UPDATE (available, current_load)"));
	world->config.keep_counters = true;
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), 0);
	target->scanner->end(&world->config, &pass);
	pass.wish.will_defer = true;
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), -EACCES);
	assert_non_null(strstr(pass.facts.error, "GRANT UPDATE (replaced_at)"));
}

static void says_that_the_password_is_wrong(void **state) {
	struct world *world = *state;
	char url[100];

	snprintf(
		url,
		sizeof(url),
		"mysql://test:wrong@127.0.0.1:%d/tokenserver",
		mariadb_port(world->server)
	);
	world_open(world, url);
	assert_int_equal(handle_open(world->handle), -EACCES);
	assert_non_null(strstr(handle_error(world->handle), "1045"));
	assert_null(strstr(handle_error(world->handle), "wrong"));
}

static void reads_the_same_page_after_a_lost_connection(void **state) {
	struct world *world = *state;
	struct pass pass = {.wish = {.page_rows = 2, .started_wall_ms = clock_wall_ms()}};
	struct page page;

	tokenserver_add_replaced(world->server, 1, 3, 1, world->old_ms);
	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), 0);
	page_init(&page);
	assert_int_equal(target->scanner->page(&world->config, world->handle, &pass, &page), 0);
	assert_int_equal(page.count, 2);
	page_fini(&page);
	mariadb_restart(world->server);
	page_init(&page);
	assert_int_equal(
		target->scanner->page(&world->config, world->handle, &pass, &page), -ENOTCONN
	);
	page_fini(&page);
	handle_close(world->handle);
	assert_int_equal(handle_open(world->handle), 0);
	page_init(&page);
	assert_int_equal(target->scanner->page(&world->config, world->handle, &pass, &page), 0);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.first->key, 3);
	assert_true(page.end_of_pass);
	page_fini(&page);
	target->scanner->end(&world->config, &pass);
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define ROWS_TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		ROWS_TEST(finds_what_is_to_be_purged),
		ROWS_TEST(a_judgement_is_as_old_as_the_look_it_rests_on),
		ROWS_TEST(carries_a_row_that_cannot_be_purged),
		ROWS_TEST(finds_rows_of_a_node_that_is_down_when_forced),
		ROWS_TEST(meets_every_row_once_over_pages_and_ties),
		ROWS_TEST(keeps_to_the_range),
		ROWS_TEST(estimates_the_pass),
		ROWS_TEST(never_sends_what_is_not_text),
		ROWS_TEST(says_what_is_wrong_before_anything_is_touched),
		ROWS_TEST(asks_for_no_more_than_it_will_do),
		ROWS_TEST(says_that_the_password_is_wrong),
		ROWS_TEST(reads_the_same_page_after_a_lost_connection),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
