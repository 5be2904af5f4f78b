// SPDX-License-Identifier: MPL-2.0
// ledger_test: the cursor follows the gap-free prefix of acknowledged pages.
#include "producer/outbox/ledger.h"
#include "support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static struct ledger *new_ledger(void) {
	struct ledger *ledger = ledger_new();

	assert_non_null(ledger);
	return ledger;
}

static struct ledger_page *send(struct ledger *ledger) {
	struct ledger_page *page = ledger_page(ledger);

	assert_non_null(page);
	ledger_sent(ledger, page);
	return page;
}

static void moves_only_when_a_page_is_sealed_and_acknowledged(void **state) {
	struct ledger *ledger = new_ledger();
	struct ledger_page *page = send(ledger);

	(void)state;
	send(ledger);
	assert_string_equal(ledger_cursor(ledger), "");
	assert_int_equal(ledger_seal(ledger, "one"), 0);
	ledger_acked(ledger, page);
	assert_string_equal(ledger_cursor(ledger), "");
	assert_int_equal(ledger_unacked(ledger), 1);
	ledger_acked(ledger, page);
	assert_string_equal(ledger_cursor(ledger), "one");
	assert_int_equal(ledger_unacked(ledger), 0);
	ledger_free(ledger);
}

static void waits_for_an_older_page(void **state) {
	struct ledger *ledger = new_ledger();
	struct ledger_page *first = send(ledger);
	struct ledger_page *second;

	(void)state;
	ledger_seal(ledger, "one");
	second = send(ledger);
	ledger_seal(ledger, "two");
	ledger_acked(ledger, second);
	assert_string_equal(ledger_cursor(ledger), "");
	ledger_acked(ledger, first);
	assert_string_equal(ledger_cursor(ledger), "two");
	ledger_free(ledger);
}

static void passes_over_pages_without_messages(void **state) {
	struct ledger *ledger = new_ledger();
	struct ledger_page *page;

	(void)state;
	ledger_seal(ledger, "one");
	assert_string_equal(ledger_cursor(ledger), "one");
	page = send(ledger);
	ledger_seal(ledger, "two");
	ledger_seal(ledger, "three");
	assert_string_equal(ledger_cursor(ledger), "one");
	ledger_acked(ledger, page);
	assert_string_equal(ledger_cursor(ledger), "three");
	ledger_free(ledger);
}

static void keeps_the_last_cursor_over_a_page_that_has_none(void **state) {
	struct ledger *ledger = new_ledger();

	(void)state;
	ledger_seal(ledger, "one");
	ledger_seal(ledger, "");
	assert_string_equal(ledger_cursor(ledger), "one");
	ledger_free(ledger);
}

static void forgets_everything_when_asked(void **state) {
	struct ledger *ledger = new_ledger();
	struct ledger_page *page = send(ledger);

	(void)state;
	ledger_seal(ledger, "one");
	ledger_acked(ledger, page);
	ledger_reset(ledger);
	assert_string_equal(ledger_cursor(ledger), "");
	assert_int_equal(ledger_unacked(ledger), 0);
	ledger_free(ledger);
	ledger_free(NULL);
}

enum { PAGES = 40, MESSAGES_MAX = 4, ROUNDS = 200 };

// The naive model: the last page before which nothing is open.
static int model(const int *unacked, int sealed) {
	int done = 0;

	while (done < sealed && unacked[done] == 0)
		done++;
	return done;
}

static void agrees_with_a_naive_model_in_any_order(void **state) {
	unsigned seed = 20240607;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct ledger *ledger = new_ledger();
		struct ledger_page *pages[PAGES];
		int unacked[PAGES] = {0};
		int sealed = 0;
		int open = 0;

		while (sealed < PAGES || open > 0) {
			int pick = rand_r(&seed) % PAGES;

			if (sealed < PAGES && rand_r(&seed) % 3 == 0) {
				char cursor[16];

				unacked[sealed] = rand_r(&seed) % MESSAGES_MAX;
				for (int i = 0; i < unacked[sealed]; i++)
					pages[sealed] = send(ledger);
				open += unacked[sealed];
				snprintf(cursor, sizeof(cursor), "%d", ++sealed);
				ledger_seal(ledger, cursor);
			} else if (pick < sealed && unacked[pick] > 0) {
				unacked[pick]--;
				open--;
				ledger_acked(ledger, pages[pick]);
			}
			assert_int_equal(
				strtol(ledger_cursor(ledger), NULL, 10), model(unacked, sealed)
			);
			assert_int_equal(ledger_unacked(ledger), open);
		}
		ledger_free(ledger);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_only_when_a_page_is_sealed_and_acknowledged),
		cmocka_unit_test(waits_for_an_older_page),
		cmocka_unit_test(passes_over_pages_without_messages),
		cmocka_unit_test(keeps_the_last_cursor_over_a_page_that_has_none),
		cmocka_unit_test(forgets_everything_when_asked),
		cmocka_unit_test(agrees_with_a_naive_model_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
