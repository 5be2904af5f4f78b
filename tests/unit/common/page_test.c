// SPDX-License-Identifier: MPL-2.0
// page_test: the list of candidates that one step of a scan found.
#include "common/candidate.h"
#include "common/page.h"
#include "support/test.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_front_when_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
