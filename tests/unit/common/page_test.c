// SPDX-License-Identifier: MPL-2.0
// page_test: the list of candidates that one step of a scan found.
#include "common/candidate.h"
#include "common/page.h"
#include "support/test.h"

#include <string.h>

static void add_to(struct page *page, int64_t key) {
	const struct candidate like = {.id = "x", .key = key};

	assert_int_equal(page_add(page, &like), 0);
}

static void assert_holds(const struct page *page, int64_t count) {
	int64_t key = 0;

	assert_int_equal(page->count, count);
	for (const struct candidate *one = page->first; one != NULL; one = one->next)
		assert_int_equal(one->key, key++);
	assert_int_equal(key, count);
}

static void keeps_the_front_when_it_is_cut(void **state) {
	(void)state;
	for (size_t count = 0; count <= 4; count++) {
		struct page page;

		page_init(&page);
		for (int64_t key = 0; key < 3; key++)
			add_to(&page, key);
		page_cut(&page, count);
		assert_holds(&page, count < 3 ? (int64_t)count : 3);
		add_to(&page, (int64_t)page.count);
		assert_holds(&page, count < 3 ? (int64_t)count + 1 : 4);
		page_fini(&page);
	}
}

static void assert_note(const struct page_note *note, enum page_note_kind kind, const char *words) {
	assert_non_null(note);
	assert_int_equal(note->kind, kind);
	assert_string_equal(note->words, words);
}

static void keeps_what_it_has_to_say_in_order_though_it_is_cut_or_taken(void **state) {
	struct candidate *list;
	struct page page;

	(void)state;
	page_init(&page);
	page_note(&page, PAGE_INFO, "%s is %d", "one", 1);
	page_note(&page, PAGE_TROUBLE, "no %%");
	add_to(&page, 0);
	page_note(&page, PAGE_INFO, "%s", "");
	page_cut(&page, 0);
	list = page_take(&page);
	assert_null(list);
	assert_note(page.notes, PAGE_INFO, "one is 1");
	assert_note(page.notes->next, PAGE_TROUBLE, "no %");
	assert_note(page.notes->next->next, PAGE_INFO, "");
	assert_null(page.notes->next->next->next);
	page_fini(&page);
	assert_null(page.notes);
}

static void cuts_a_note_that_is_too_long(void **state) {
	char words[1000];
	struct page page;

	(void)state;
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	page_init(&page);
	page_note(&page, PAGE_TROUBLE, "%s", words);
	assert_int_equal(strlen(page.notes->words), 599);
	page_fini(&page);
}

static void another_one_is_put_behind_it(void **state) {
	struct page page, more, empty;

	(void)state;
	page_init(&page);
	page_init(&more);
	page_init(&empty);
	page_merge(&page, &empty);
	add_to(&more, 0);
	page_note(&more, PAGE_TROUBLE, "one");
	more.rows = 3;
	more.left[REASON_GONE] = 2;
	more.end_of_stage = true;
	page_merge(&page, &more);
	assert_holds(&more, 0);
	add_to(&more, 1);
	add_to(&more, 2);
	page_note(&more, PAGE_INFO, "two");
	more.rows = 4;
	more.holds = true;
	page_merge(&page, &more);
	page_merge(&page, &empty);
	add_to(&page, 3);
	assert_holds(&page, 4);
	assert_note(page.notes, PAGE_TROUBLE, "one");
	assert_note(page.notes->next, PAGE_INFO, "two");
	page_note(&page, PAGE_INFO, "three");
	assert_note(page.notes->next->next, PAGE_INFO, "three");
	assert_int_equal(page.rows, 7);
	assert_int_equal(page.troubles, 1);
	assert_int_equal(page.left[REASON_GONE], 2);
	assert_true(page.holds);
	assert_false(page.end_of_stage);
	page_fini(&page);
	page_fini(&more);
}

static void candidates_are_moved_from_the_front_of_one_to_the_end_of_another(void **state) {
	for (size_t count = 0; count <= 5; count++) {
		size_t moved = count < 3 ? count : 3;
		struct page to, from;

		(void)state;
		page_init(&to);
		page_init(&from);
		for (int64_t key = 0; key < 3; key++)
			add_to(&from, key);
		page_move(&to, &from, count);
		assert_holds(&to, (int64_t)moved);
		assert_int_equal(from.count, 3 - moved);
		page_move(&to, &from, 3);
		assert_holds(&to, 3);
		assert_holds(&from, 0);
		add_to(&from, 0);
		add_to(&to, 3);
		assert_holds(&from, 1);
		assert_holds(&to, 4);
		page_fini(&to);
		page_fini(&from);
	}
}

static void rows_that_are_overdue_are_counted_together(void **state) {
	struct page page, more;

	(void)state;
	page_init(&page);
	page_init(&more);
	page.overdue.before_ms = more.overdue.before_ms = 100;
	overdue_add(&page.overdue, 50, "a", NULL);
	overdue_add(&more.overdue, 40, "b", NULL);
	page_merge(&page, &more);
	assert_int_equal(page.overdue.count, 2);
	assert_int_equal(page.overdue.oldest_ms, 40);
	assert_string_equal(page.overdue.rows[1].id, "b");
	page_fini(&page);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_front_when_it_is_cut),
		cmocka_unit_test(keeps_what_it_has_to_say_in_order_though_it_is_cut_or_taken),
		cmocka_unit_test(cuts_a_note_that_is_too_long),
		cmocka_unit_test(another_one_is_put_behind_it),
		cmocka_unit_test(candidates_are_moved_from_the_front_of_one_to_the_end_of_another),
		cmocka_unit_test(rows_that_are_overdue_are_counted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
