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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_front_when_it_is_cut),
		cmocka_unit_test(keeps_what_it_has_to_say_in_order_though_it_is_cut_or_taken),
		cmocka_unit_test(cuts_a_note_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
