// SPDX-License-Identifier: MPL-2.0
// tokenserver_gone_test: what a check says of records of a replay whose rows are gone: may their
// data be deleted once more?
#include "support/test.h"

#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/handle.h"
#include "common/target/finding.h"
#include "common/targets/tokenserver/tokenserver.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"
#include "support/tokenserver_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_data_of_a_row_that_is_gone_may_be_deleted_again(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	assert_true(run_state(run, 1)->send_delete && run_state(run, 1)->node_is_known);
	assert_string_equal(run_state(run, 1)->fxa_uid, "a");
	assert_int_in_range(run_result(run, 1)->judged.mono_ms, 1, INT64_MAX);
	run_free(run);
}

static void without_a_replay_a_row_that_is_gone_is_done(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	run->tasks[0].candidate->origin.is_replayed = false;
	run_check(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_GONE);
	run_free(run);
}

static void what_was_deleted_in_this_task_is_not_deleted_again(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	((struct state *)run_find(run, 1)->state)->is_deleted = true;
	((struct state *)run_find(run, 2)->state)->commit_unknown = true;
	run_check(run);
	run_assert_fate(run, 1, VERDICT_DONE, REASON_GONE);
	run_assert_fate(run, 2, VERDICT_DONE, REASON_NONE);
	run_free(run);
}

// Nobody would come back to it: there is no row left.
static void what_somebody_wrote_since_is_named(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	((struct state *)run_find(run, 1)->state)->is_modified = true;
	run_check(run);
	run_assert_refused(run, 1, "wrote into the data since");
	run_free(run);
}

static void what_was_only_found_to_be_in_use_is_looked_at_again(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	world_add(world, 3, "c@x", world->old_ms, 77); // on no node
	world_add(world, 11, "a@x", 0, 1);
	world_add(world, 12, "b@x", 0, 1);
	run = run_replay(world);
	assert_true(run_state(run, 1)->held_back);
	mariadb_sql(world->server, "UPDATE users SET client_state = 'ff' WHERE uid = 11");
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	run_assert_fate(run, 2, VERDICT_LEFT, REASON_LIVE);
	run_assert_fate(run, 3, VERDICT_DONE, REASON_GONE);
	run_free(run);
}

// --- other records of the same user

// Records of the users u1@x, u2@x and so on, on node 1.
static void add_many(struct world *world, int64_t first_uid, int count, int64_t replaced_at) {
	for (int i = 0; i < count; i++) {
		char email[16];

		snprintf(email, sizeof(email), "u%d@x", i + 1);
		world_add(world, first_uid + i, email, replaced_at, 1);
	}
}

static void data_that_another_record_needs_is_left(void **state) {
	struct world *world = *state;
	struct run *run;

	add_many(world, 1, 8, world->old_ms);
	run = run_replay(world);
	world_add(world, 11, "u1@x", 0, 1);
	world_add(world, 12, "u2@elsewhere", 0, 1);
	world_add(world, 13, "u3", 0, 1); // without any @
	world_add(world, 14, "u4@x", world->young_ms, 1);
	world_add(world, 15, "u5@x", world->old_ms, 1); // as old as ours
	world_add(world, 16, "u6@x", 0, 2); // on another node
	world_add(world, 17, "u77@x", 0, 1); // somebody else
	run_check(run);
	for (int64_t uid = 1; uid <= 4; uid++)
		run_assert_fate(run, uid, VERDICT_LEFT, REASON_LIVE);
	for (int64_t uid = 5; uid <= 8; uid++)
		run_assert_fate(run, uid, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static void the_last_of_many_users_is_looked_up_too(void **state) {
	struct world *world = *state;
	struct run *run;

	add_many(world, 1, TASKS_MAX, world->old_ms);
	run = run_replay(world);
	add_many(world, 1001, TASKS_MAX, 0);
	run_check(run);
	for (int64_t uid = 1; uid <= TASKS_MAX; uid++)
		run_assert_fate(run, uid, VERDICT_LEFT, REASON_LIVE);
	run_free(run);
}

static void letters_that_mean_something_in_a_pattern_stand_for_themselves(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a_b%c|d'e\\f@x", world->old_ms, 1);
	world_add(world, 2, "%@x", world->old_ms, 1);
	world_add(world, 3, "a_c@x", world->old_ms, 1);
	run = run_replay(world);
	world_add(world, 11, "a_b%c|d'e\\f@y", 0, 1);
	world_add(world, 12, "abc@x", 0, 1);
	run_check(run);
	run_assert_fate(run, 1, VERDICT_LEFT, REASON_LIVE);
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	run_assert_fate(run, 3, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static void nodes_that_key_by_uid_need_no_look_at_others(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	world_add(world, 11, "a@x", 0, 1);
	world->config.node_keys = NODE_KEYS_UID;
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static void more_records_of_one_user_than_can_be_compared_are_refused(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	mariadb_sql(
		world->server,
		"INSERT INTO users (service, email, generation, client_state, created_at, nodeid) "
		"SELECT 1, 'a@x', 5, 'aacc', 0, 1 FROM " MARIADB_NUMBERS(1001)
	);
	run_check(run);
	run_assert_refused(run, 1, "more records in use than can be compared");
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static int64_t handler_reads(struct world *world) {
	struct db_result *result;
	int64_t reads = 0;

	assert_int_equal(
		db_select(
			handle_db(world->handle),
			"SHOW SESSION STATUS LIKE 'Handler_read%'",
			&result
		),
		0
	);
	while (db_result_next(result))
		reads += db_result_int(result, 1);
	db_result_free(result);
	return reads;
}

static void others_are_found_by_the_index_however_many_users_there_are(void **state) {
	struct world *world = *state;
	struct run *run;
	int64_t before;

	tokenserver_add_replaced(world->server, 1, TASKS_MAX, 1, world->old_ms);
	run = run_replay(world);
	mariadb_sql(
		world->server,
		"INSERT INTO users (service, email, generation, client_state, created_at, nodeid) "
		"SELECT 1, CONCAT(seq, '@x'), 5, 'aacc', 0, 1 FROM " MARIADB_NUMBERS(1000)
	);
	mariadb_sql(
		world->server,
		"UPDATE users SET email = 'user64@elsewhere', client_state = "
		"'aabb' WHERE email = '77@x'"
	);
	before = handler_reads(world);
	run_check(run);
	assert_int_in_range(handler_reads(world) - before, 1, 20 * TASKS_MAX);
	for (int64_t uid = 1; uid <= TASKS_MAX; uid++)
		run_assert_fate(run, uid, VERDICT_GO, REASON_NONE);
	run_free(run);
}

// --- refused

static void a_uid_that_was_never_given_out_is_refused(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	world_add(world, 3, "c@x", world->old_ms, 1);
	run = run_replay(world);
	mariadb_sql(world->server, "ALTER TABLE users AUTO_INCREMENT = 3");
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	run_assert_refused(run, 3, "never given out");
	mariadb_sql(world->server, "ALTER TABLE users MODIFY uid BIGINT NOT NULL");
	run_check(run);
	run_assert_refused(run, 1, "never given out");
	run_free(run);
}

static void a_record_that_does_not_say_whose_data_it_is_is_refused(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	((struct state *)run_find(run, 1)->state)->fxa_kid[0] = 'x';
	run_check(run);
	run_assert_refused(run, 1, "whose data");
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	run_free(run);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(the_data_of_a_row_that_is_gone_may_be_deleted_again),
		STORY(without_a_replay_a_row_that_is_gone_is_done),
		STORY(what_was_deleted_in_this_task_is_not_deleted_again),
		STORY(what_somebody_wrote_since_is_named),
		STORY(what_was_only_found_to_be_in_use_is_looked_at_again),
		STORY(data_that_another_record_needs_is_left),
		STORY(the_last_of_many_users_is_looked_up_too),
		STORY(letters_that_mean_something_in_a_pattern_stand_for_themselves),
		STORY(nodes_that_key_by_uid_need_no_look_at_others),
		STORY(more_records_of_one_user_than_can_be_compared_are_refused),
		STORY(others_are_found_by_the_index_however_many_users_there_are),
		STORY(a_uid_that_was_never_given_out_is_refused),
		STORY(a_record_that_does_not_say_whose_data_it_is_is_refused),
	};
	return cmocka_run_group_tests(tests, world_start, world_stop);
}
