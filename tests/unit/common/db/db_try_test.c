// SPDX-License-Identifier: MPL-2.0
// db_try_test: what is asked of the server to learn whether it lets a statement through.
#include "support/test.h"

#include "common/db/db.h"
#include "common/db/db_try.h"

#include <errno.h>
#include <stdio.h>

WRAPS(db_exec);
WRAPS(db_select);
WRAPS(db_result_free);

// What the server was asked last, and by which function; and what it answers.
static const char *executed;
static char selected[64];
static int answer;

int __wrap_db_exec(struct db *db, const char *sql, uint64_t *affected) {
	(void)db;
	assert_null(affected);
	executed = sql;
	return answer;
}

int __wrap_db_select(struct db *db, const char *sql, struct db_result **out) {
	(void)db;
	(void)out;
	snprintf(selected, sizeof(selected), "%s", sql);
	return answer;
}

void __wrap_db_result_free(struct db_result *result) {
	assert_null(result);
}

static int try(bool only_plan, int next_answer) {
	executed = NULL;
	selected[0] = '\0';
	answer = next_answer;
	return db_try(NULL, "DELETE FROM t WHERE 1 = 0", only_plan);
}

static void runs_the_statement(void **state) {
	(void)state;
	assert_int_equal(try(false, 0), 0);
	assert_string_equal(executed, "DELETE FROM t WHERE 1 = 0");
	assert_string_equal(selected, "");
	assert_int_equal(try(false, -EACCES), -EACCES);
}

static void only_plans_it_where_nothing_may_change(void **state) {
	(void)state;
	assert_int_equal(try(true, 0), 0);
	assert_string_equal(selected, "EXPLAIN DELETE FROM t WHERE 1 = 0");
	assert_null(executed);
	assert_int_equal(try(true, -EACCES), -EACCES);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_the_statement),
		cmocka_unit_test(only_plans_it_where_nothing_may_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
