// SPDX-License-Identifier: MPL-2.0
// tokenserver_walk_test: every row of the backlog is met once, whatever the order and the size of a
// page.
#include "support/test.h"

#include "common/db/db.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"
#include "common/targets/tokenserver/walk.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test_database.h"
#include "support/tokenserver.h"

#include <errno.h>
#include <string.h>

enum { SEEN_MAX = 4000, CUTOFF = 1000 };

static struct db *db;

static int fresh_database(void **state) {
	test_database_fresh(state);
	db = test_db_open(server);
	return 0;
}

static int close_database(void **state) {
	(void)state;
	db_close(db);
	return 0;
}

static struct walk_plan plan_all(void) {
	return (struct walk_plan){
		.service = 1, .backlog_index = "replaced_at_idx", .cutoff = CUTOFF};
}

static struct walk_plan plan_range(int64_t start, int64_t end) {
	struct walk_plan plan = plan_all();

	plan.has_range_start = true;
	plan.range_start = start;
	plan.has_range_end = true;
	plan.range_end = end;
	return plan;
}

static struct walk *open_walk(const struct walk_plan *plan) {
	struct walk *walk = NULL;

	assert_int_equal(walk_new(&walk, db, plan, 5000), 0);
	return walk;
}

// Walks to the end and returns how many uids were met, in `seen`.
static size_t walk_all(struct walk *walk, size_t page_rows, int64_t *seen) {
	size_t total = 0;
	bool end = false;

	while (!end) {
		size_t count = 0;

		assert_true(total + page_rows <= SEEN_MAX);
		assert_int_equal(walk_page(walk, db, page_rows, seen + total, &count, &end), 0);
		assert_true(count <= page_rows);
		walk_advance(walk);
		total += count;
	}
	return total;
}

static void assert_walk(
	const struct walk_plan *plan, size_t page_rows, const int64_t *uids, size_t count
) {
	static int64_t seen[SEEN_MAX];
	struct walk *walk = open_walk(plan);

	assert_int_equal(walk_all(walk, page_rows, seen), count);
	assert_memory_equal(seen, uids, count * sizeof(*uids));
	walk_free(walk);
}

static void goes_by_time_and_by_uid_where_times_are_equal(void **state) {
	static const int64_t uids[] = {7, 8, 9, 1, 2, 3, 4, 5, 10};
	struct walk_plan plan = plan_all();

	(void)state;
	tokenserver_add_replaced(server, 1, 5, 1, 200);
	tokenserver_add_replaced(server, 7, 3, 1, 100);
	tokenserver_add_replaced(server, 10, 1, 1, 999);
	tokenserver_add_replaced(server, 11, 1, 1, 1000); // at the cutoff: too young
	tokenserver_add_user(server, &(struct tokenserver_user){.uid = 12, .nodeid = 1}); // live
	tokenserver_add_user(
		server, &(struct tokenserver_user){.uid = 13, .service = 2, .replaced_at = 5}
	);
	for (size_t page_rows = 1; page_rows < 12; page_rows++)
		assert_walk(&plan, page_rows, uids, 9);
}

static void keeps_the_range_exclusive(void **state) {
	static const int64_t uids[] = {4, 5, 6};
	struct walk_plan plan = plan_range(3, 7);

	(void)state;
	tokenserver_add_replaced(server, 1, 10, 1, 100);
	assert_walk(&plan, 2, uids, 3);
	plan.has_range_end = false;
	plan.range_start = 7;
	assert_walk(&plan, 2, (const int64_t[]){8, 9, 10}, 3);
	plan = plan_range(0, 3);
	plan.has_range_start = false;
	assert_walk(&plan, 1, (const int64_t[]){1, 2}, 2);
}

static void takes_the_order_of_uids_when_the_range_is_narrower_than_the_backlog(void **state) {
	struct walk_plan plan = plan_range(3, 7); // three uids
	struct walk *walk;

	(void)state;
	tokenserver_add_replaced(server, 1, 3, 1, 300);
	tokenserver_add_replaced(server, 4, 1, 1, 200);
	tokenserver_add_replaced(server, 5, 1, 1, 100);
	// A backlog of five in uids 1 to 5: the range leaves 4 and 5.
	walk = open_walk(&plan);
	assert_true(walk_is_by_uid(walk));
	walk_free(walk);
	assert_walk(&plan, 1, (const int64_t[]){4, 5}, 2);
	// All five uids, a backlog of five: not narrower.
	plan = plan_range(0, 100);
	walk = open_walk(&plan);
	assert_false(walk_is_by_uid(walk));
	walk_free(walk);
	assert_walk(&plan, 2, (const int64_t[]){5, 4, 1, 2, 3}, 5);
}

static void reads_the_same_page_again_until_it_advances(void **state) {
	struct walk_plan plan = plan_all();
	struct walk *walk;
	int64_t uids[2];
	size_t count;
	bool end;

	(void)state;
	tokenserver_add_replaced(server, 1, 3, 1, 100);
	walk = open_walk(&plan);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(walk_page(walk, db, 2, uids, &count, &end), 0);
		assert_int_equal(count, 2);
		assert_int_equal(uids[0], 1);
		assert_false(end);
	}
	walk_advance(walk);
	assert_int_equal(walk_page(walk, db, 2, uids, &count, &end), 0);
	assert_int_equal(count, 1);
	assert_int_equal(uids[0], 3);
	assert_true(end);
	walk_free(walk);
}

static void meets_the_rest_when_rows_go_and_come_meanwhile(void **state) {
	struct walk_plan plan = plan_all();
	static int64_t seen[SEEN_MAX];
	struct walk *walk;
	size_t count;
	bool end;

	(void)state;
	tokenserver_add_replaced(server, 1, 6, 1, 100);
	walk = open_walk(&plan);
	assert_int_equal(walk_page(walk, db, 2, seen, &count, &end), 0);
	walk_advance(walk);
	mariadb_sql(server, "DELETE FROM users WHERE uid IN (1, 2, 3)");
	mariadb_sql(server, "UPDATE users SET replaced_at = 5000 WHERE uid = 4");
	tokenserver_add_replaced(server, 9, 1, 1, 900);
	assert_int_equal(walk_all(walk, 2, seen), 3);
	assert_memory_equal(seen, ((const int64_t[]){5, 6, 9}), 3 * sizeof(int64_t));
	walk_free(walk);
}

static void ends_at_once_where_there_is_nothing(void **state) {
	struct walk_plan plans[] = {
		plan_all(),
		plan_range(5, 6),
		plan_range(7, 3),
		plan_range(INT64_MAX, INT64_MAX),
		plan_range(INT64_MIN, INT64_MIN),
		plan_range(1000, INT64_MAX)};
	const size_t count = sizeof(plans) / sizeof(plans[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_walk(&plans[i], 10, NULL, 0);
	tokenserver_add_replaced(server, 1, 10, 1, 100);
	for (size_t i = 1; i < count; i++)
		assert_walk(&plans[i], 10, NULL, 0);
	plans[0] = plan_range(INT64_MIN, INT64_MAX);
	assert_walk(&plans[0], 3, (const int64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10);
}

static struct estimate estimate(const struct walk_plan *plan, int64_t limit_ms) {
	struct walk *walk = open_walk(plan);
	struct estimate out;

	assert_int_equal(walk_estimate(walk, db, limit_ms, true, &out), 0);
	walk_free(walk);
	return out;
}

static int64_t count_staying(const struct walk_plan *plan, int64_t limit_ms, int64_t enough) {
	struct walk *walk = open_walk(plan);
	int64_t out;

	assert_int_equal(walk_count_staying(walk, db, limit_ms, enough, &out), 0);
	walk_free(walk);
	return out;
}

static void counts_what_is_eligible_and_what_stays(void **state) {
	struct walk_plan plan = plan_all();
	struct estimate out;

	(void)state;
	tokenserver_add_replaced(server, 1, 6, 1, 100);
	tokenserver_add_replaced(server, 7, 4, 1, 5000);
	tokenserver_add_user(
		server, &(struct tokenserver_user){.uid = 20, .service = 2, .replaced_at = 5}
	);
	tokenserver_add_replaced(server, 30, 3, 1, 100);
	mariadb_sql(server, "UPDATE users SET replaced_at = NULL WHERE uid >= 30");
	out = estimate(&plan, 5000);
	assert_int_equal(out.eligible, 6);
	assert_true(out.eligible_exact);
	assert_int_equal(count_staying(&plan, 5000, 100), 7);
	assert_int_equal(count_staying(&plan, 5000, 5), 5);
	assert_int_equal(count_staying(&plan, 5000, 2), 2);
	// 5 and 6 are eligible, 7 and 8 too young.
	plan = plan_range(4, 9);
	out = estimate(&plan, 5000);
	assert_int_equal(out.eligible, 2);
	assert_int_equal(count_staying(&plan, 5000, 100), 2);
	// 8 to 10 too young, 30 and 31 in use.
	plan = plan_range(7, 32);
	assert_int_equal(estimate(&plan, 5000).eligible, 0);
	assert_int_equal(count_staying(&plan, 5000, 100), 5);
	plan = plan_range(100, 200);
	out = estimate(&plan, 5000);
	assert_int_equal(out.eligible, 0);
	assert_true(out.eligible_exact);
	assert_int_equal(count_staying(&plan, 5000, 100), 0);
}

static void counts_records_whose_node_is_not_there_when_asked(void **state) {
	struct walk_plan plan = plan_all();
	struct walk *walk;
	struct estimate out;

	(void)state;
	tokenserver_add_node(server, 1, "https://node", false);
	tokenserver_add_replaced(server, 1, 6, 1, 100);
	mariadb_sql(server, "UPDATE users SET nodeid = 999999999 WHERE uid > 2");
	tokenserver_add_replaced(server, 7, 4, 1, 5000);
	walk = open_walk(&plan);
	assert_int_equal(walk_estimate(walk, db, 5000, true, &out), 0);
	assert_int_equal(out.eligible, 6);
	assert_int_equal(out.uncounted, 4);
	assert_int_equal(walk_estimate(walk, db, 5000, false, &out), 0);
	assert_int_equal(out.uncounted, -1);
	walk_free(walk);
}

static int64_t statements_cut_off(void) {
	return test_db_status(
		db,
		mariadb_is_mysql(server) ? "MAX_EXECUTION_TIME_EXCEEDED"
					 : "MAX_STATEMENT_TIME_EXCEEDED"
	);
}

static void goes_by_uid_and_says_unknown_when_counting_takes_too_long(void **state) {
	struct walk_plan plan = plan_range(0, 300000);
	struct walk *walk;
	struct estimate out;
	int64_t uids[2];
	int64_t staying;
	int64_t cut_off;
	size_t count;
	bool end;

	(void)state;
	mariadb_sql(
		server,
		"INSERT INTO users (service, email, generation, client_state, created_at, "
		"replaced_at, nodeid)"
		" SELECT 1, CONCAT(seq, '@x'), 1, 'aa', 1, 100, 1 FROM " MARIADB_NUMBERS(300000)
	);
	// For so many rows one millisecond is not enough.
	assert_int_equal(walk_new(&walk, db, &plan, 1), 0);
	assert_true(walk_is_by_uid(walk));
	cut_off = statements_cut_off();
	assert_int_equal(walk_estimate(walk, db, 1, true, &out), 0);
	assert_true(statements_cut_off() - cut_off <= 1); // no time was left for another
	assert_int_equal(out.eligible, -1);
	assert_false(out.eligible_exact);
	assert_int_equal(out.uncounted, -1);
	assert_int_equal(walk_count_staying(walk, db, 0, 1, &staying), 0);
	assert_int_equal(staying, -1);
	assert_int_equal(walk_estimate(walk, db, 20000, true, &out), 0);
	assert_int_equal(out.eligible, 299999);
	assert_int_equal(walk_count_staying(walk, db, 20000, 300000, &staying), 0);
	assert_int_equal(staying, 0);
	// A page passes over more uids than one statement may.
	mariadb_sql(server, "DELETE FROM users WHERE uid BETWEEN 2 AND 299998");
	assert_int_equal(walk_page(walk, db, 2, uids, &count, &end), 0);
	assert_int_equal(count, 1);
	walk_advance(walk);
	assert_int_equal(walk_page(walk, db, 2, uids, &count, &end), 0);
	assert_int_equal(count, 1);
	assert_int_equal(uids[0], 299999);
	assert_true(end);
	walk_free(walk);
}

static int64_t handler_reads(void) {
	return test_db_status(db, "HANDLER_READ_NEXT") + test_db_status(db, "HANDLER_READ_KEY") +
		test_db_status(db, "HANDLER_READ_RND_NEXT");
}

// Nothing that is not counted is read.
static void counts_what_stays_by_the_index_alone(void **state) {
	struct walk_plan plan = plan_all();
	struct walk *walk;
	int64_t before, staying;

	(void)state;
	mariadb_sql(
		server,
		"INSERT INTO users (service, email, generation, client_state, created_at, "
		"replaced_at, nodeid)"
		" SELECT 1, CONCAT(seq, '@x'), 1, 'aa', 1, IF(seq % 10, 100, NULL), 1 "
		"FROM " MARIADB_NUMBERS(20000)
	);
	before = handler_reads();
	assert_int_equal(count_staying(&plan, 20000, 1000), 1000);
	assert_true(handler_reads() - before < 2100);
	before = handler_reads();
	assert_int_equal(count_staying(&plan, 20000, 10000), 2000);
	assert_true(handler_reads() - before < 4100);
	plan = plan_range(10000, 10101);
	walk = open_walk(&plan);
	before = handler_reads();
	assert_int_equal(walk_count_staying(walk, db, 20000, 10000, &staying), 0);
	assert_int_equal(staying, 10);
	assert_true(handler_reads() - before < 100);
	walk_free(walk);
}

static void reads_no_more_rows_than_it_returns(void **state) {
	struct walk_plan plan = plan_all();
	static int64_t uids[SEEN_MAX];
	struct walk *walk;
	int64_t before;
	size_t count;
	bool end;

	(void)state;
	// All at the same time: the worst of ties.
	tokenserver_add_replaced(server, 1, 20000, 1, 100);
	walk = open_walk(&plan);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(walk_page(walk, db, 1000, uids, &count, &end), 0);
		walk_advance(walk);
	}
	test_db_exec(db, "FLUSH STATUS");
	before = handler_reads();
	assert_int_equal(walk_page(walk, db, 500, uids, &count, &end), 0);
	assert_int_equal(count, 500);
	assert_int_equal(uids[0], 10001);
	assert_int_in_range(handler_reads() - before, 490, 600);
	walk_free(walk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define WALK_TEST(name) cmocka_unit_test_setup_teardown(name, fresh_database, close_database)
		WALK_TEST(goes_by_time_and_by_uid_where_times_are_equal),
		WALK_TEST(keeps_the_range_exclusive),
		WALK_TEST(takes_the_order_of_uids_when_the_range_is_narrower_than_the_backlog),
		WALK_TEST(reads_the_same_page_again_until_it_advances),
		WALK_TEST(meets_the_rest_when_rows_go_and_come_meanwhile),
		WALK_TEST(ends_at_once_where_there_is_nothing),
		WALK_TEST(counts_what_is_eligible_and_what_stays),
		WALK_TEST(counts_records_whose_node_is_not_there_when_asked),
		WALK_TEST(goes_by_uid_and_says_unknown_when_counting_takes_too_long),
		WALK_TEST(counts_what_stays_by_the_index_alone),
		WALK_TEST(reads_no_more_rows_than_it_returns),
	};

	return cmocka_run_group_tests(tests, test_database_start, test_database_stop);
}
