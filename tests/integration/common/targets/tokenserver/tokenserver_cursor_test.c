// SPDX-License-Identifier: MPL-2.0
// tokenserver_cursor_test: a scan goes on where an earlier one came to.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/page.h"
#include "common/target/target_scanner.h"
#include "common/targets/tokenserver/tokenserver.h"
#include "support/mariadb.h"
#include "support/tokenserver.h"
#include "support/tokenserver_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MARGIN_MS = 5 * 60 * 1000, FOUND_MAX = 100 };

static const struct target *const target = &target_tokenserver;

struct found {
	int64_t keys[FOUND_MAX];
	size_t count;
	char cursor[PAGE_CURSOR_BYTES]; // of the last page
	int64_t cutoff;
};

// Scans up to `pages` pages; 0: all.
static struct found scan(struct world *world, const char *resume, size_t page_rows, int pages) {
	struct pass pass = {
		.wish = {
			.started_wall_ms = clock_wall_ms(),
			.page_rows = page_rows,
			.resume = resume,
			.margin_ms = MARGIN_MS,
			.scan_only = true}};
	struct found found = {.count = 0};
	bool is_end = false;

	assert_int_equal(target->scanner->begin(&world->config, world->handle, &pass), 0);
	found.cutoff = pass.facts.cutoff;
	for (int i = 0; !is_end && (pages == 0 || i < pages); i++) {
		struct page page;

		page_init(&page);
		assert_int_equal(
			target->scanner->page(&world->config, world->handle, &pass, &page), 0
		);
		for (struct candidate *one = page.first; one != NULL; one = one->next)
			found.keys[found.count++] = one->key;
		snprintf(found.cursor, sizeof(found.cursor), "%s", page.cursor);
		is_end = page.end_of_pass;
		page_fini(&page);
	}
	target->scanner->end(&world->config, &pass);
	return found;
}

static void goes_on_behind_the_last_row_of_a_page(void **state) {
	struct world *world = *state;
	struct found found;
	char cursor[PAGE_CURSOR_BYTES] = "";

	tokenserver_add_replaced(world->server, 1, 10, 1, world->old_ms);
	for (int64_t key = 1; key <= 10; key += 2) {
		found = scan(world, cursor[0] == '\0' ? NULL : cursor, 2, 1);
		assert_int_equal(found.count, 2);
		assert_int_equal(found.keys[0], key);
		assert_int_equal(found.keys[1], key + 1);
		snprintf(cursor, sizeof(cursor), "%s", found.cursor);
	}
	assert_int_equal(scan(world, cursor, 2, 0).count, 0);
}

static void stays_behind_the_cutoff_by_the_margin(void **state) {
	struct world *world = *state;
	struct found found;
	char wanted[PAGE_CURSOR_BYTES];

	world_add(world, 1, "a@x", world->old_ms, 1);
	world_add(world, 2, "b@x", clock_wall_ms() - world->config.grace_ms - 2000, 1);
	found = scan(world, NULL, 10, 0);
	assert_int_equal(found.count, 2);
	snprintf(
		wanted,
		sizeof(wanted),
		"%" PRId64 "/%" PRId64,
		found.cutoff - MARGIN_MS - 1,
		INT64_MAX
	);
	assert_string_equal(found.cursor, wanted);
	// What lies within the margin is found again.
	found = scan(world, found.cursor, 10, 0);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.keys[0], 2);
}

static void has_a_cursor_though_there_is_nothing_to_find(void **state) {
	struct world *world = *state;
	struct found found = scan(world, NULL, 10, 0);

	assert_int_equal(found.count, 0);
	assert_true(found.cursor[0] != '\0');
}

static void refuses_a_cursor_that_it_did_not_write(void **state) {
	static const char *const cursors[] = {"", "x", "1", "1/", "1/2x", "/2/3"};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
		struct pass pass = {
			.wish = {.page_rows = 1, .resume = cursors[i], .scan_only = true}};

		pass.wish.started_wall_ms = clock_wall_ms();
		assert_int_equal(
			target->scanner->begin(&world->config, world->handle, &pass), -EINVAL
		);
		assert_non_null(strstr(pass.facts.error, "cursor"));
		target->scanner->end(&world->config, &pass);
	}
}

static void names_its_database(void **state) {
	struct world *world = *state;
	char scope[160];

	assert_int_equal(
		target->scanner->identify(
			&world->config, world->handle, true, scope, sizeof(scope)
		),
		0
	);
	assert_string_equal(scope, "tokenserver/1");
}

static void lists_the_nodes_that_are_down(void **state) {
	struct world *world = *state;
	char held[64];
	char small[4];

	assert_int_equal(
		target->scanner->held(&world->config, world->handle, held, sizeof(held)), 0
	);
	assert_string_equal(held, "2");
	tokenserver_add_node(world->server, 17, "https://n17", true);
	assert_int_equal(
		target->scanner->held(&world->config, world->handle, held, sizeof(held)), 0
	);
	assert_string_equal(held, "2,17");
	assert_int_equal(
		target->scanner->held(&world->config, world->handle, small, sizeof(small)),
		-EMSGSIZE
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			goes_on_behind_the_last_row_of_a_page, world_begin, world_end
		),
		cmocka_unit_test_setup_teardown(
			stays_behind_the_cutoff_by_the_margin, world_begin, world_end
		),
		cmocka_unit_test_setup_teardown(
			has_a_cursor_though_there_is_nothing_to_find, world_begin, world_end
		),
		cmocka_unit_test_setup_teardown(
			refuses_a_cursor_that_it_did_not_write, world_begin, world_end
		),
		cmocka_unit_test_setup_teardown(names_its_database, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			lists_the_nodes_that_are_down, world_begin, world_end
		),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
