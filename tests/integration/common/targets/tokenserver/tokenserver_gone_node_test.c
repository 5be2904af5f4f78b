// SPDX-License-Identifier: MPL-2.0
// tokenserver_gone_node_test: to which node a replay sends the DELETE of a row that is gone, if to
// any.
#include "support/test.h"

#include "common/targets/tokenserver/tokenserver.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"
#include "support/tokenserver_run.h"

#include <stdlib.h>
#include <string.h>

static void a_node_that_the_table_does_not_have_is_refused(void **state) {
	struct world *world = *state;
	char *allowed[] = {NULL};
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	mariadb_sql(world->server, "DELETE FROM nodes WHERE id = 1");
	run_check(run);
	run_assert_refused(run, 1, "no longer in the table nodes");
	allowed[0] = run_state(run, 1)->node;
	world->config.allow_nodes = (struct conf_list){.items = allowed, .count = 1};
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	world->config.allow_nodes = (struct conf_list){.count = 0};
	run_free(run);
}

static void a_node_that_has_another_name_now_is_asked_by_that(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	world_add(world, 12, "b@x", 0, 1);
	mariadb_sql(world->server, "UPDATE nodes SET node = 'https://moved.example' WHERE id = 1");
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	assert_string_equal(run_state(run, 1)->node, "https://moved.example");
	run_assert_fate(run, 2, VERDICT_LEFT, REASON_LIVE);
	run_free(run);
}

// The live record still has the id that the node had.
static void a_node_that_was_made_again_spares_who_is_on_the_old_one(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	world_add(world, 12, "b@x", 0, 1);
	mariadb_sql(world->server, "UPDATE nodes SET id = 9 WHERE id = 1");
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	run_assert_fate(run, 2, VERDICT_LEFT, REASON_LIVE);
	run_free(run);
}

static void a_node_that_is_down_is_refused_unless_it_is_forced(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	mariadb_sql(world->server, "UPDATE nodes SET downed = 1");
	run_check(run);
	run_assert_refused(run, 1, "marked down");
	world->config.force = true;
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static void what_went_to_an_override_is_not_done_again(void **state) {
	struct world *world = *state;
	char other[] = "https://other.example";
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 2); // on the node that is down
	world_add(world, 2, "b@x", world->old_ms, 1);
	world->config.force = true;
	world->config.override_node = other;
	run = run_replay(world);
	world->config.force = false;
	world->config.override_node = NULL;
	run_check(run);
	run_assert_refused(run, 1, "--override_node");
	run_assert_fate(run, 2, VERDICT_GO, REASON_NONE);
	run_free(run);
}

static void what_went_to_an_override_that_the_table_has_is_not_done_again(void **state) {
	struct world *world = *state;
	struct run *run;
	char *other;

	world_add(world, 1, "a@x", world->old_ms, 2); // on the node that is down
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	other = strdup(run_state(run, 2)->node);
	run_free(run);
	world_add(world, 1, "a@x", world->old_ms, 2);
	world->config.force = true;
	world->config.override_node = other;
	run = run_replay(world);
	world->config.force = false;
	world->config.override_node = NULL;
	run_check(run);
	run_assert_refused(run, 1, "--override_node");
	run_free(run);
	free(other);
}

static void a_node_of_the_same_letters_in_another_case_is_another_one(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	run = run_replay(world);
	mariadb_sql(world->server, "UPDATE nodes SET node = UPPER(node), id = 9 WHERE id = 1");
	run_check(run);
	run_assert_refused(run, 1, "no longer in the table nodes");
	run_free(run);
}

static void records_and_nodes_of_another_service_are_none(void **state) {
	struct world *world = *state;
	struct run *run;

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", world->old_ms, 1);
	run = run_replay(world);
	mariadb_sql(
		world->server,
		"INSERT INTO services (id, service, pattern) VALUES (77, 'other', 'x')"
	);
	world_add(world, 11, "a@x", 0, 1);
	mariadb_sql(world->server, "UPDATE users SET service = 77 WHERE uid = 11");
	run_check(run);
	run_assert_fate(run, 1, VERDICT_GO, REASON_NONE);
	mariadb_sql(world->server, "UPDATE nodes SET service = 77 WHERE id = 1");
	run_check(run);
	run_assert_refused(run, 2, "no longer in the table nodes");
	run_free(run);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(a_node_that_the_table_does_not_have_is_refused),
		STORY(a_node_that_has_another_name_now_is_asked_by_that),
		STORY(a_node_that_was_made_again_spares_who_is_on_the_old_one),
		STORY(a_node_that_is_down_is_refused_unless_it_is_forced),
		STORY(what_went_to_an_override_is_not_done_again),
		STORY(what_went_to_an_override_that_the_table_has_is_not_done_again),
		STORY(a_node_of_the_same_letters_in_another_case_is_another_one),
		STORY(records_and_nodes_of_another_service_are_none),
	};
	return cmocka_run_group_tests(tests, world_start, world_stop);
}
