// SPDX-License-Identifier: MPL-2.0
// overdue_test: which rows count as overdue, and which of them are named.
#include "common/overdue.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static void counts_what_is_due_for_longer_and_knows_the_oldest(void **state) {
	struct overdue overdue = {.before_ms = 1000};

	(void)state;
	overdue_add(&overdue, 1000, "young", NULL);
	assert_int_equal(overdue.count, 0);
	overdue_add(&overdue, 999, "7", "https://n");
	overdue_add(&overdue, -5, "8", NULL);
	overdue_add(&overdue, 500, "9", NULL);
	assert_int_equal(overdue.count, 3);
	assert_int_equal(overdue.oldest_ms, -5);
	assert_int_equal(overdue.named, 3);
	assert_string_equal(overdue.rows[0].id, "7");
	assert_string_equal(overdue.rows[0].node, "https://n");
	assert_int_equal(overdue.rows[0].due_ms, 999);
	assert_string_equal(overdue.rows[1].node, "");
}

static void counts_nothing_when_nobody_asks(void **state) {
	struct overdue overdue = {.before_ms = 0};

	(void)state;
	overdue_add(&overdue, -1, "7", NULL);
	assert_int_equal(overdue.count, 0);
	assert_int_equal(overdue.named, 0);
}

static void names_a_few_and_counts_the_others(void **state) {
	struct overdue pass = {.before_ms = 0}, page = {.before_ms = 1000};

	(void)state;
	for (int i = 0; i < OVERDUE_NAMED - 1; i++)
		overdue_add(&page, 100 + i, "first", NULL);
	overdue_merge(&pass, &page);
	page = (struct overdue){.before_ms = 1000};
	for (int i = 0; i < OVERDUE_NAMED + 1; i++)
		overdue_add(&page, 50 + i, "second", NULL);
	assert_int_equal(page.named, OVERDUE_NAMED);
	overdue_merge(&pass, &page);
	overdue_merge(&pass, &(struct overdue){.before_ms = 1000}); // nothing
	assert_int_equal(pass.count, 2 * OVERDUE_NAMED);
	assert_int_equal(pass.oldest_ms, 50);
	assert_int_equal(pass.named, OVERDUE_NAMED);
	assert_string_equal(pass.rows[OVERDUE_NAMED - 2].id, "first");
	assert_string_equal(pass.rows[OVERDUE_NAMED - 1].id, "second");
}

static void cuts_what_is_too_long(void **state) {
	struct overdue overdue = {.before_ms = 1000};
	char long_text[2 * OVERDUE_NODE_BYTES];

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	overdue_add(&overdue, 1, long_text, long_text);
	assert_int_equal(strlen(overdue.rows[0].id), OVERDUE_ID_BYTES - 1);
	assert_int_equal(strlen(overdue.rows[0].node), OVERDUE_NODE_BYTES - 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_due_for_longer_and_knows_the_oldest),
		cmocka_unit_test(counts_nothing_when_nobody_asks),
		cmocka_unit_test(names_a_few_and_counts_the_others),
		cmocka_unit_test(cuts_what_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
