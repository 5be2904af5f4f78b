// SPDX-License-Identifier: MPL-2.0
// tokenserver_scan_others_test: a scan of a real database spares data that another record of the
// same user is in need of.
#include "support/test.h"

#include "common/db/db.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"
#include "support/tokenserver_run.h"

#include <string.h>

// What happens right before others are looked up.
static struct world *interrupted;

WRAPS(db_select);

int __wrap_db_select(struct db *db, const char *sql, struct db_result **out) {
	if (interrupted != NULL && strstr(sql, "STRAIGHT_JOIN") != NULL) {
		mariadb_sql(interrupted->server, "DELETE FROM users WHERE uid = 1");
		interrupted = NULL;
	}
	return __real_db_select(db, sql, out);
}

static void spares_data_that_another_record_uses(void **state) {
	struct world *world = *state;
	struct run *run;

	tokenserver_add_node(world->server, 3, "https://n3", false);
	// Its user is live on the same node.
	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "a@x", 0, 1);
	world_add(world, 3, "b@x", world->old_ms, 1); // its user is live elsewhere
	world_add(world, 4, "b@x", 0, 3);
	// Found whatever the case, as the index has it.
	world_add(world, 5, "C@x", world->old_ms, 1);
	world_add(world, 6, "c@x", world->young_ms, 1);
	world_add(world, 7, "d@x", world->old_ms, 1); // two old records of one user
	world_add(world, 8, "d@x", world->old_ms + 1, 1);
	run = run_scan_all(world);
	assert_int_equal(run->count, 5);
	assert_true(run_state(run, 1)->held_back);
	assert_false(run_state(run, 1)->send_delete);
	assert_true(run_state(run, 3)->send_delete);
	assert_true(run_state(run, 5)->held_back);
	assert_true(run_state(run, 7)->send_delete);
	assert_true(run_state(run, 8)->send_delete);
	run_free(run);
	world->config.node_keys = NODE_KEYS_UID;
	run = run_scan_all(world);
	assert_true(run_state(run, 1)->send_delete);
	run_free(run);
}

static void looks_at_records_of_the_same_service_only(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	tokenserver_add_user(
		world->server,
		&(struct tokenserver_user){
			.uid = 2,
			.service = 9,
			.email = "a@x",
			.client_state = "aabb",
			.generation = 5,
			.nodeid = 1}
	);
	run = run_scan_all(world);
	assert_int_equal(run->count, 1);
	assert_true(run_state(run, 1)->send_delete);
	run_free(run);
}

static void spares_data_of_a_user_with_very_many_records(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	mariadb_sql(
		world->server,
		"INSERT INTO users (service, email, generation, client_state, created_at, nodeid)"
		" SELECT 1, 'a@x', 6, 'cc', 1, 1 FROM " MARIADB_NUMBERS(20500)
	);
	run = run_scan_all(world);
	assert_int_equal(run->count, 2);
	assert_non_null(strstr(run_state(run, 1)->fault, "more records in use"));
	assert_true(run_state(run, 2)->send_delete); // its neighbour is not to suffer
	run_free(run);
}

static void shows_young_records_by_the_strictest_cutoff_of_a_batch(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "a@x", world->old_ms + 5, 1);
	run = run_scan_all(world);
	run->tasks[0].candidate->cutoff = world->old_ms + 1; // found when 2 was still young
	assert_int_equal(run->tasks[0].candidate->key, 1);
	run_check(run);
	assert_true(run_state(run, 1)->held_back);
	assert_true(run_state(run, 2)->send_delete);
	run_free(run);
}

static void spares_data_also_when_a_twin_goes_during_the_look_up(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "a@x", world->old_ms, 1);
	world_add(world, 3, "a@x", 0, 1);
	interrupted = world;
	run = run_scan_all(world);
	assert_null(interrupted);
	assert_int_equal(run->count, 1);
	assert_int_equal(run->left[REASON_GONE], 1);
	assert_true(run_state(run, 2)->held_back);
	run_free(run);
}

int main(void) {
	const struct CMUnitTest tests[] = {
#define ROWS_TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
		ROWS_TEST(spares_data_that_another_record_uses),
		ROWS_TEST(looks_at_records_of_the_same_service_only),
		ROWS_TEST(spares_data_of_a_user_with_very_many_records),
		ROWS_TEST(shows_young_records_by_the_strictest_cutoff_of_a_batch),
		ROWS_TEST(spares_data_also_when_a_twin_goes_during_the_look_up),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
