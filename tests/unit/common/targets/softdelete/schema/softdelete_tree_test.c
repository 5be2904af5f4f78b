// SPDX-License-Identifier: MPL-2.0
// softdelete_tree_test: children come before their parents, and circles come to an end.
#include "common/targets/softdelete/schema/tree.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static struct tree_text text(const char *word) {
	return (struct tree_text){word, word == NULL ? 0 : strlen(word)};
}

static void add(struct tree *tree, const char *key, const char *parent, bool is_held) {
	const struct tree_row row = {
		.key = text(key),
		.age = "2020-01-01",
		.parents = {text(parent)},
		.is_held = is_held};

	assert_int_equal(tree_add(tree, &row), 0);
}

// Reads all of it, as "a b | c": a level each.
static void assert_levels(struct tree *tree, size_t most, const char *expected) {
	char found[300] = "";
	struct tree_page page;

	do {
		page = tree_page(tree, most);
		for (size_t i = 0; i < page.count; i++) {
			struct tree_row row;
			size_t len = strlen(found);

			assert_true(tree_next(tree, &row));
			assert_string_equal(row.age, "2020-01-01");
			snprintf(
				found + len,
				sizeof(found) - len,
				"%.*s%s",
				(int)row.key.len,
				row.key.text,
				i + 1 == page.count && page.ends_level ? "|" : " "
			);
		}
	} while (!page.is_end);
	assert_string_equal(found, expected);
}

static void a_chain_goes_from_its_end(void **state) {
	struct tree *tree = tree_new();

	(void)state;
	add(tree, "1", NULL, false);
	add(tree, "2", "1", false);
	add(tree, "3", "2", false);
	assert_int_equal(tree_order(tree, false), 0);
	assert_levels(tree, 10, "3|2|1|");
	tree_free(tree);
}

static void rows_of_a_level_keep_their_order_and_come_in_pages(void **state) {
	struct tree *tree = tree_new();

	(void)state;
	add(tree, "9", NULL, false);
	add(tree, "5", NULL, false);
	add(tree, "7", "5", false);
	add(tree, "1", "9", false);
	add(tree, "3", "9", false);
	add(tree, "2", "gone or not due", false);
	assert_int_equal(tree_order(tree, false), 0);
	assert_levels(tree, 3, "7 1 3 2|9 5|");
	tree_free(tree);
}

static void a_row_with_children_of_many_levels_goes_last(void **state) {
	struct tree *tree = tree_new();

	(void)state;
	add(tree, "root", NULL, false);
	add(tree, "leaf", "root", false);
	add(tree, "middle", "root", false);
	add(tree, "deep", "middle", false);
	assert_int_equal(tree_order(tree, false), 0);
	assert_levels(tree, 10, "leaf deep|middle|root|");
	tree_free(tree);
}

static void a_row_that_refers_to_itself_is_a_circle(void **state) {
	struct tree *tree = tree_new();

	(void)state;
	add(tree, "a", "a", false);
	add(tree, "b", "a", false);
	assert_int_equal(tree_order(tree, true), 0);
	assert_int_equal(tree_circle(tree), 1);
	assert_levels(tree, 10, "b|");
	tree_free(tree);
}

static void what_stays_keeps_all_that_it_refers_to(void **state) {
	(void)state;
	for (int leaves_held = 0; leaves_held < 2; leaves_held++) {
		struct tree *tree = tree_new();

		add(tree, "1", NULL, false);
		add(tree, "2", "1", false);
		add(tree, "3", "2", true);
		add(tree, "4", "2", false);
		assert_int_equal(tree_order(tree, leaves_held), 0);
		assert_int_equal(tree_held(tree), 3);
		assert_levels(tree, 10, leaves_held ? "4|" : "3 4|2|1|");
		tree_free(tree);
	}
}

// Else a page could have a parent beside its child.
static void a_level_ends_where_its_last_row_stays(void **state) {
	struct tree *tree = tree_new();

	(void)state;
	add(tree, "parent", NULL, false);
	add(tree, "child", "parent", false);
	add(tree, "stays", NULL, true);
	assert_int_equal(tree_order(tree, true), 0);
	assert_levels(tree, 10, "child|parent|");
	tree_free(tree);
}

static void a_circle_comes_last_and_what_hangs_below_it_first(void **state) {
	(void)state;
	for (int leaves_held = 0; leaves_held < 2; leaves_held++) {
		struct tree *tree = tree_new();

		add(tree, "a", "b", false);
		add(tree, "b", "c", false);
		add(tree, "c", "a", false);
		add(tree, "below", "a", false);
		assert_int_equal(tree_order(tree, leaves_held), 0);
		assert_int_equal(tree_circle(tree), 3);
		assert_int_equal(tree_held(tree), 3);
		assert_levels(tree, 2, leaves_held ? "below|" : "below|a b c|");
		tree_free(tree);
	}
}

static void rows_may_have_several_parents(void **state) {
	struct tree *tree = tree_new();
	const struct tree_row child = {
		.key = text("child"),
		.age = "2020-01-01",
		.parents = {text("p"), text(NULL), text("q")}};
	const struct tree_row twice = {
		.key = text("twice"), .age = "2020-01-01", .parents = {text("q"), text("q")}};

	(void)state;
	add(tree, "q", "p", false);
	add(tree, "p", NULL, false);
	assert_int_equal(tree_add(tree, &child), 0);
	assert_int_equal(tree_add(tree, &twice), 0);
	assert_int_equal(tree_order(tree, false), 0);
	assert_levels(tree, 10, "child twice|q|p|");
	tree_free(tree);
}

static void no_rows_are_an_end(void **state) {
	struct tree *tree = tree_new();

	(void)state;
	assert_int_equal(tree_order(tree, true), 0);
	assert_levels(tree, 10, "");
	tree_free(tree);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_goes_from_its_end),
		cmocka_unit_test(rows_of_a_level_keep_their_order_and_come_in_pages),
		cmocka_unit_test(a_row_with_children_of_many_levels_goes_last),
		cmocka_unit_test(a_row_that_refers_to_itself_is_a_circle),
		cmocka_unit_test(what_stays_keeps_all_that_it_refers_to),
		cmocka_unit_test(a_level_ends_where_its_last_row_stays),
		cmocka_unit_test(a_circle_comes_last_and_what_hangs_below_it_first),
		cmocka_unit_test(rows_may_have_several_parents),
		cmocka_unit_test(no_rows_are_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
