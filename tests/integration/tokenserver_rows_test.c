// SPDX-License-Identifier: MPL-2.0
// tokenserver_rows_test: the slots of the target on a real database: what a scan finds, what a check says of it later, what
// a remove takes.
#include "support/test.h"

#include "common/clock.h"
#include "common/page.h"
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/state.h"
#include "common/targets/tokenserver/tokenserver.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TASKS_MAX = 64, HOUR_MS = 3600 * 1000 };

static const struct target *const target = &target_tokenserver;
static struct mariadb *server;
static struct tokenserver_config config;
static struct handle *handle;
static int64_t old_ms; // long before the cutoff
static int64_t young_ms; // within the grace

static int set_up(void **state) {
	(void)state;
	server = mariadb_start();
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	mariadb_stop(server);
	return 0;
}

static void open_handle(const char *url) {
	char error[512];

	handle_free(handle);
	assert_int_equal(handle_new(&handle, HANDLE_DB, url, error, sizeof(error)), 0);
}

static int fresh_database(void **state) {
	(void)state;
	mariadb_sql(server, "DROP TABLE IF EXISTS users, nodes, services");
	mariadb_create_tokenserver(server);
	tokenserver_add_node(server, 1, "https://n1", false);
	tokenserver_add_node(server, 2, "https://n2", true);
	open_handle(mariadb_url(server, "tokenserver"));
	assert_int_equal(handle_open(handle), 0);
	config = (struct tokenserver_config){.grace_ms = 24LL * HOUR_MS};
	old_ms = clock_wall_ms() - 48LL * HOUR_MS;
	young_ms = clock_wall_ms() - 12LL * HOUR_MS;
	return 0;
}

static int close_handle(void **state) {
	(void)state;
	handle_free(handle);
	handle = NULL;
	return 0;
}

// --- a pass, and its candidates as tasks

struct task {
	struct candidate *candidate;
	struct work work;
};

struct run {
	struct pass pass;
	struct task tasks[TASKS_MAX];
	struct work *works[TASKS_MAX];
	size_t count;
	int64_t left[REASON_COUNT];
	int64_t rows;
};

static void load_page(struct run *run, struct page *page) {
	for (int i = 0; i < REASON_COUNT; i++)
		run->left[i] += page->left[i];
	run->rows += page->rows;
	for (struct candidate *candidate = page_take(page); candidate != NULL;) {
		struct task *task = &run->tasks[run->count];

		assert_true(run->count < TASKS_MAX);
		task->candidate = candidate;
		task->work.candidate = candidate;
		task->work.checked_mono_ms = candidate->checked_mono_ms;
		task->work.checked_wall_ms = candidate->seen_ms;
		assert_int_equal(target->load(&config, &task->work), 0);
		run->works[run->count++] = &task->work;
		candidate = candidate->next;
	}
}

// Scans everything. `pass` says with what.
static struct run *scan(const struct pass *pass) {
	struct run *run = calloc(1, sizeof(*run));
	bool end = false;

	assert_non_null(run);
	run->pass = *pass;
	run->pass.started_wall_ms = clock_wall_ms();
	if (target->begin(&config, handle, &run->pass) < 0)
		fail_msg("%s", run->pass.error);
	while (!end) {
		struct page page;

		page_init(&page);
		assert_int_equal(target->scan(&config, handle, &run->pass, &page), 0);
		load_page(run, &page);
		end = page.end_of_pass;
		assert_int_equal(page.end_of_stage, end);
		page_fini(&page);
	}
	target->end(&config, &run->pass);
	assert_null(run->pass.scan);
	return run;
}

static void run_free(struct run *run) {
	for (size_t i = 0; i < run->count; i++) {
		target->unload(&config, &run->tasks[i].work);
		candidate_free(run->tasks[i].candidate);
	}
	free(run);
}

static struct run *scan_all(void) {
	return scan(&(struct pass){.page_rows = 10});
}

static struct work *find(const struct run *run, int64_t uid) {
	for (size_t i = 0; i < run->count; i++) {
		if (run->tasks[i].candidate->key == uid)
			return run->works[i];
	}
	fail_msg("no candidate %lld", (long long)uid);
	return NULL;
}

static const struct state *state_of(const struct run *run, int64_t uid) {
	return find(run, uid)->state;
}

static void
assert_fate(const struct run *run, int64_t uid, enum verdict verdict, enum reason reason) {
	const struct work *work = find(run, uid);

	if (work->verdict != verdict || work->reason != reason)
		fail_msg(
			"%lld: %s %s",
			(long long)uid,
			verdict_name(work->verdict),
			reason_name(work->reason)
		);
}

static void check(struct run *run) {
	assert_int_equal(target->check(&config, handle, run->works, run->count), 0);
}

static void remove_all(struct run *run) {
	assert_int_equal(target->remove(&config, handle, run->works, run->count), 0);
}

static void add(int64_t uid, const char *email, int64_t replaced_at, int64_t nodeid) {
	tokenserver_add_user(
		server,
		&(struct tokenserver_user){
			.uid = uid,
			.email = email,
			.client_state = "aabb",
			.generation = 5,
			.replaced_at = replaced_at,
			.nodeid = nodeid,
		}
	);
}

// --- scan

static void finds_what_is_to_be_purged(void **state) {
	int64_t before_ms = clock_mono_ms();
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	add(2, "b@x", young_ms, 1);
	add(3, "c@x", 0, 1);
	add(4, "d@x", old_ms, 2); // its node is down
	add(5, "e@x", old_ms, 77); // its node is gone
	run = scan_all();
	assert_int_equal(run->count, 2);
	assert_int_equal(run->rows, 3);
	assert_int_equal(run->left[REASON_NODE_DOWN], 1);
	assert_true(state_of(run, 1)->send_delete);
	assert_string_equal(state_of(run, 1)->node, "https://n1");
	assert_string_equal(state_of(run, 1)->fxa_uid, "a");
	assert_string_equal(state_of(run, 1)->fxa_kid, "0000000000005-qrs");
	assert_true(find(run, 1)->counted);
	assert_true(state_of(run, 5)->nodeless);
	assert_false(find(run, 5)->counted);
	assert_string_equal(find(run, 1)->candidate->id, "1");
	assert_int_equal(find(run, 1)->candidate->at, old_ms);
	assert_int_equal(find(run, 1)->candidate->cutoff, run->pass.cutoff);
	assert_in_range(find(run, 1)->checked_mono_ms, before_ms, clock_mono_ms());
	run_free(run);
}

static void carries_a_row_that_cannot_be_purged(void **state) {
	struct run *run;

	(void)state;
	tokenserver_add_user(
		server,
		&(struct tokenserver_user
		){.uid = 1,
		  .client_state = "not hex",
		  .generation = 5,
		  .replaced_at = old_ms,
		  .nodeid = 1}
	);
	run = scan_all();
	assert_string_equal(state_of(run, 1)->fault, "client_state is not hex");
	check(run);
	assert_fate(run, 1, VERDICT_FAILED, REASON_UNKNOWN);
	assert_string_equal(find(run, 1)->message, "client_state is not hex");
	run_free(run);
}

static void finds_rows_of_a_node_that_is_down_when_forced(void **state) {
	struct run *run;

	(void)state;
	add(4, "d@x", old_ms, 2);
	config.force = true;
	config.override_node = (char *)"https://o";
	run = scan_all();
	assert_true(state_of(run, 4)->forced);
	assert_string_equal(state_of(run, 4)->node, "https://o");
	run_free(run);
}

static void meets_every_row_once_over_pages_and_ties(void **state) {
	struct run *run;

	(void)state;
	tokenserver_add_replaced(server, 1, 50, 1, old_ms);
	for (size_t page_rows = 1; page_rows < 60; page_rows += 7) {
		run = scan(&(struct pass){.page_rows = page_rows});
		assert_int_equal(run->count, 50);
		for (size_t i = 0; i < 50; i++)
			assert_int_equal(run->tasks[i].candidate->key, i + 1);
		run_free(run);
	}
}

static void keeps_to_the_range(void **state) {
	struct run *run;

	(void)state;
	tokenserver_add_replaced(server, 1, 50, 1, old_ms);
	run = scan(&(struct pass){
		.page_rows = 3,
		.has_range_start = true,
		.range_start = 10,
		.has_range_end = true,
		.range_end = 20,
	});
	assert_int_equal(run->count, 9);
	assert_int_equal(run->tasks[0].candidate->key, 11);
	assert_int_equal(run->tasks[8].candidate->key, 19);
	run_free(run);
}

static void estimates_the_pass(void **state) {
	struct pass pass = {.page_rows = 10, .started_wall_ms = clock_wall_ms()};
	struct estimate estimate;

	(void)state;
	tokenserver_add_replaced(server, 1, 30, 1, old_ms);
	tokenserver_add_replaced(server, 31, 10, 1, young_ms);
	assert_int_equal(target->begin(&config, handle, &pass), 0);
	assert_int_equal(target->estimate(&config, handle, &pass, 5000, 0, &estimate), 0);
	assert_int_equal(estimate.eligible, 30);
	assert_true(estimate.eligible_exact);
	assert_int_equal(estimate.total, 40);
	target->end(&config, &pass);
	target->end(&config, &pass); // twice is fine
}

// --- the users' other records

static void spares_data_that_another_record_uses(void **state) {
	struct run *run;

	(void)state;
	tokenserver_add_node(server, 3, "https://n3", false);
	add(1, "a@x", old_ms, 1); // its user is live on the same node
	add(2, "a@x", 0, 1);
	add(3, "b@x", old_ms, 1); // its user is live elsewhere
	add(4, "b@x", 0, 3);
	add(5, "C@x", old_ms, 1); // found whatever the case, as the index has it
	add(6, "c@x", young_ms, 1);
	add(7, "d@x", old_ms, 1); // two old records of one user
	add(8, "d@x", old_ms + 1, 1);
	run = scan_all();
	assert_int_equal(run->count, 5);
	assert_true(state_of(run, 1)->held_back);
	assert_false(state_of(run, 1)->send_delete);
	assert_true(state_of(run, 3)->send_delete);
	assert_true(state_of(run, 5)->held_back);
	assert_true(state_of(run, 7)->send_delete);
	assert_true(state_of(run, 8)->send_delete);
	run_free(run);
	config.node_keys = NODE_KEYS_UID;
	run = scan_all();
	assert_true(state_of(run, 1)->send_delete);
	run_free(run);
}

static void looks_at_records_of_the_same_service_only(void **state) {
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	tokenserver_add_user(
		server,
		&(struct tokenserver_user
		){.uid = 2,
		  .service = 9,
		  .email = "a@x",
		  .client_state = "aabb",
		  .generation = 5,
		  .nodeid = 1}
	);
	run = scan_all();
	assert_int_equal(run->count, 1);
	assert_true(state_of(run, 1)->send_delete);
	run_free(run);
}

static void spares_data_of_a_user_with_very_many_records(void **state) {
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	add(2, "b@x", old_ms, 1);
	mariadb_sql(
		server,
		"INSERT INTO users (service, email, generation, client_state, created_at, nodeid)"
		" SELECT 1, 'a@x', 6, 'cc', 1, 1 FROM seq_1_to_20500"
	);
	run = scan_all();
	assert_int_equal(run->count, 2);
	assert_non_null(strstr(state_of(run, 1)->fault, "more records in use"));
	assert_true(state_of(run, 2)->send_delete); // its neighbour is not to suffer
	run_free(run);
}

static void shows_young_records_by_the_strictest_cutoff_of_a_batch(void **state) {
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	add(2, "a@x", old_ms + 5, 1);
	run = scan_all();
	run->tasks[0].candidate->cutoff = old_ms + 1; // found when 2 was still young
	assert_int_equal(run->tasks[0].candidate->key, 1);
	check(run);
	assert_true(state_of(run, 1)->held_back);
	assert_true(state_of(run, 2)->send_delete);
	run_free(run);
}

static void never_sends_what_is_not_text(void **state) {
	struct run *run;

	(void)state;
	mariadb_sql(server, "ALTER TABLE users MODIFY email VARBINARY(3000) NOT NULL");
	mariadb_sql(server, "ALTER TABLE nodes MODIFY node VARBINARY(5000) NOT NULL");
	mariadb_sqlf(
		server,
		"UPDATE nodes SET node = CONCAT('https://n1/', REPEAT('a', 3000)) WHERE id = 1"
	);
	tokenserver_add_node(server, 3, "https://n3", false);
	tokenserver_add_node(server, 4, "https://n\xff", false);
	tokenserver_add_node(server, 5, "", false);
	add(1, "a@x", old_ms, 1);
	add(2, "b\xc3@x", old_ms, 3);
	add(3, "c@x", old_ms, 4);
	add(4, "d@x", old_ms, 5);
	mariadb_sqlf(server, "UPDATE users SET email = REPEAT('e', 2000) WHERE uid = 4");
	add(5, "e@x", old_ms, 3);
	mariadb_sqlf(server, "UPDATE users SET email = 'e\\0@x' WHERE uid = 5");
	add(6, "f@x", old_ms, 5);
	run = scan_all();
	assert_int_equal(run->count, 6);
	for (int64_t uid = 1; uid <= 6; uid++) {
		struct route route;

		if (state_of(run, uid)->fault[0] == '\0')
			fail_msg("uid %lld would be purged", (long long)uid);
		assert_false(state_of(run, uid)->nodeless);
		assert_int_equal(target->route(&config, find(run, uid), &route), -EINVAL);
	}
	run_free(run);
}

// --- check

static void judges_again_by_what_the_database_says_now(void **state) {
	struct run *run;
	int64_t before_ms;

	(void)state;
	tokenserver_add_replaced(server, 1, 9, 1, old_ms);
	run = scan_all();
	mariadb_sql(server, "DELETE FROM users WHERE uid = 1");
	mariadb_sql(server, "UPDATE users SET replaced_at = NULL WHERE uid = 2");
	mariadb_sqlf(
		server, "UPDATE users SET replaced_at = %lld WHERE uid = 3", (long long)young_ms
	);
	mariadb_sql(server, "UPDATE users SET nodeid = 2 WHERE uid = 4");
	mariadb_sql(server, "UPDATE users SET nodeid = 77 WHERE uid = 5");
	mariadb_sql(server, "UPDATE users SET replaced_at = replaced_at - 1 WHERE uid = 6");
	mariadb_sql(server, "UPDATE users SET client_state = 'xx' WHERE uid = 7");
	mariadb_sql(server, "UPDATE users SET service = 2 WHERE uid = 8");
	before_ms = clock_mono_ms();
	check(run);
	assert_fate(run, 1, VERDICT_DONE, REASON_GONE);
	assert_fate(run, 2, VERDICT_LEFT, REASON_LIVE);
	assert_fate(run, 3, VERDICT_LEFT, REASON_YOUNG);
	assert_fate(run, 4, VERDICT_LEFT, REASON_NODE_DOWN);
	assert_fate(run, 5, VERDICT_GO, REASON_NONE);
	assert_true(state_of(run, 5)->nodeless);
	assert_false(find(run, 5)->counted);
	assert_fate(run, 6, VERDICT_GO, REASON_NONE);
	assert_int_equal(state_of(run, 6)->replaced_at, old_ms - 1);
	assert_fate(run, 7, VERDICT_FAILED, REASON_UNKNOWN);
	assert_fate(run, 8, VERDICT_DONE, REASON_GONE);
	assert_fate(run, 9, VERDICT_GO, REASON_NONE);
	assert_in_range(find(run, 9)->checked_mono_ms, before_ms, clock_mono_ms());
	run_free(run);
}

static void obeys_the_stricter_of_two_cutoffs(void **state) {
	struct run *run;

	(void)state;
	tokenserver_add_replaced(server, 1, 2, 1, old_ms);
	run = scan_all();
	run->tasks[0].candidate->cutoff = old_ms; // as of a pass long ago
	check(run);
	assert_fate(run, 1, VERDICT_LEFT, REASON_YOUNG);
	assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	config.grace_ms = 72LL * HOUR_MS; // the worker's own is longer
	check(run);
	assert_fate(run, 2, VERDICT_LEFT, REASON_YOUNG);
	run_free(run);
}

static void never_sends_again_after_a_412(void **state) {
	const struct http_answer modified = {.status = 412};
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	add(2, "b@x", old_ms, 1);
	run = scan_all();
	assert_true(target->judge(&config, find(run, 1), &modified));
	assert_true(target->judge(&config, find(run, 2), &modified));
	add(3, "b@x", 0, 1); // the one who wrote is live
	check(run);
	assert_fate(run, 1, VERDICT_LEFT, REASON_MODIFIED);
	assert_fate(run, 2, VERDICT_GO, REASON_NONE); // the row alone can go
	assert_true(state_of(run, 2)->held_back);
	run_free(run);
}

static void owns_a_row_that_an_unheard_commit_took(void **state) {
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	run = scan_all();
	mariadb_sql(server, "DELETE FROM users");
	find(run, 1)->commit_unknown = true;
	check(run);
	assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_equal(find(run, 1)->removed, 1);
	run_free(run);
}

// --- remove and defer

static void removes_what_was_judged(void **state) {
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	add(2, "b@x", old_ms, 77);
	add(3, "c@x", old_ms, 1);
	run = scan_all();
	mariadb_sql(server, "UPDATE users SET replaced_at = replaced_at + 1 WHERE uid = 3");
	remove_all(run);
	assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_equal(find(run, 1)->removed, 1);
	assert_fate(run, 2, VERDICT_DONE, REASON_NONE);
	assert_fate(run, 3, VERDICT_LEFT, REASON_CHANGED);
	assert_int_equal(find(run, 3)->removed, 0);
	assert_int_equal(tokenserver_count_users(server), 1);
	assert_int_equal(tokenserver_counters(server, 1).available, 11);
	assert_int_equal(tokenserver_counters(server, 1).current_load, 89);
	check(run);
	remove_all(run);
	assert_fate(run, 1, VERDICT_DONE, REASON_GONE);
	assert_int_equal(find(run, 1)->removed, 0);
	assert_fate(run, 3, VERDICT_DONE, REASON_NONE); // the check took the new time over
	assert_int_equal(tokenserver_counters(server, 1).available, 12);
	run_free(run);
}

static void leaves_the_counters_alone_with_spanner(void **state) {
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	config.keep_counters = true;
	run = scan_all();
	remove_all(run);
	assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_int_equal(tokenserver_counters(server, 1).available, 10);
	run_free(run);
}

static void defers_to_now(void **state) {
	int64_t before_ms = clock_wall_ms();
	struct run *run;

	(void)state;
	add(1, "a@x", old_ms, 1);
	run = scan_all();
	assert_int_equal(target->defer(&config, handle, run->works, run->count), 0);
	assert_fate(run, 1, VERDICT_DONE, REASON_NONE);
	assert_in_range(tokenserver_replaced_at(server, 1), before_ms, clock_wall_ms());
	assert_int_equal(target->defer(&config, handle, run->works, run->count), 0);
	assert_fate(run, 1, VERDICT_LEFT, REASON_CHANGED);
	run_free(run);
}

// --- what goes wrong

static void says_what_is_wrong_before_anything_is_touched(void **state) {
	struct pass pass = {
		.page_rows = 10, .started_wall_ms = clock_wall_ms(), .will_defer = true};

	(void)state;
	add(1, "a@x", old_ms, 1);
	mariadb_sql(server, "UPDATE services SET service = 'other'");
	assert_int_equal(target->begin(&config, handle, &pass), -ENOENT);
	assert_non_null(strstr(pass.error, "sync-1.5"));
	assert_null(pass.scan);
	target->end(&config, &pass);
	assert_true(tokenserver_has_user(server, 1));
}

static void asks_for_no_more_than_it_will_do(void **state) {
	struct pass pass = {.page_rows = 10, .started_wall_ms = clock_wall_ms(), .dryrun = true};
	char url[100];

	(void)state;
	mariadb_sql(
		server,
		"DROP USER IF EXISTS 'reader'@'127.0.0.1'; CREATE USER 'reader'@'127.0.0.1' "
		"IDENTIFIED BY 'r';"
		"GRANT SELECT ON tokenserver.* TO 'reader'@'127.0.0.1'"
	);
	snprintf(
		url, sizeof(url), "mysql://reader:r@127.0.0.1:%d/tokenserver", mariadb_port(server)
	);
	open_handle(url);
	assert_int_equal(handle_open(handle), 0);
	assert_int_equal(target->begin(&config, handle, &pass), 0);
	target->end(&config, &pass);
	pass.dryrun = false;
	assert_int_equal(target->begin(&config, handle, &pass), -EACCES);
	assert_non_null(strstr(pass.error, "GRANT DELETE"));
	mariadb_sql(server, "GRANT DELETE ON tokenserver.users TO 'reader'@'127.0.0.1'");
	handle_close(handle);
	assert_int_equal(handle_open(handle), 0);
	assert_int_equal(target->begin(&config, handle, &pass), -EACCES);
	assert_non_null(strstr(pass.error, "GRANT UPDATE (available, current_load)"));
	config.keep_counters = true;
	assert_int_equal(target->begin(&config, handle, &pass), 0);
	target->end(&config, &pass);
	pass.will_defer = true;
	assert_int_equal(target->begin(&config, handle, &pass), -EACCES);
	assert_non_null(strstr(pass.error, "GRANT UPDATE (replaced_at)"));
}

static void says_that_the_password_is_wrong(void **state) {
	char url[100];

	(void)state;
	snprintf(
		url,
		sizeof(url),
		"mysql://test:wrong@127.0.0.1:%d/tokenserver",
		mariadb_port(server)
	);
	open_handle(url);
	assert_int_equal(handle_open(handle), -EACCES);
	assert_non_null(strstr(handle_error(handle), "1045"));
	assert_null(strstr(handle_error(handle), "wrong"));
}

static void reads_the_same_page_after_a_lost_connection(void **state) {
	struct pass pass = {.page_rows = 2, .started_wall_ms = clock_wall_ms()};
	struct page page;

	(void)state;
	tokenserver_add_replaced(server, 1, 3, 1, old_ms);
	assert_int_equal(target->begin(&config, handle, &pass), 0);
	page_init(&page);
	assert_int_equal(target->scan(&config, handle, &pass, &page), 0);
	assert_int_equal(page.count, 2);
	page_fini(&page);
	mariadb_restart(server);
	page_init(&page);
	assert_int_equal(target->scan(&config, handle, &pass, &page), -ENOTCONN);
	page_fini(&page);
	handle_close(handle);
	assert_int_equal(handle_open(handle), 0);
	page_init(&page);
	assert_int_equal(target->scan(&config, handle, &pass, &page), 0);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.first->key, 3);
	assert_true(page.end_of_pass);
	page_fini(&page);
	target->end(&config, &pass);
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define ROWS_TEST(name) cmocka_unit_test_setup_teardown(name, fresh_database, close_handle)
		ROWS_TEST(finds_what_is_to_be_purged),
		ROWS_TEST(carries_a_row_that_cannot_be_purged),
		ROWS_TEST(finds_rows_of_a_node_that_is_down_when_forced),
		ROWS_TEST(meets_every_row_once_over_pages_and_ties),
		ROWS_TEST(keeps_to_the_range),
		ROWS_TEST(estimates_the_pass),
		ROWS_TEST(spares_data_that_another_record_uses),
		ROWS_TEST(looks_at_records_of_the_same_service_only),
		ROWS_TEST(spares_data_of_a_user_with_very_many_records),
		ROWS_TEST(shows_young_records_by_the_strictest_cutoff_of_a_batch),
		ROWS_TEST(never_sends_what_is_not_text),
		ROWS_TEST(judges_again_by_what_the_database_says_now),
		ROWS_TEST(obeys_the_stricter_of_two_cutoffs),
		ROWS_TEST(never_sends_again_after_a_412),
		ROWS_TEST(owns_a_row_that_an_unheard_commit_took),
		ROWS_TEST(removes_what_was_judged),
		ROWS_TEST(leaves_the_counters_alone_with_spanner),
		ROWS_TEST(defers_to_now),
		ROWS_TEST(says_what_is_wrong_before_anything_is_touched),
		ROWS_TEST(asks_for_no_more_than_it_will_do),
		ROWS_TEST(says_that_the_password_is_wrong),
		ROWS_TEST(reads_the_same_page_after_a_lost_connection),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
