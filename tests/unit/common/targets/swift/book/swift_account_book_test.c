// SPDX-License-Identifier: MPL-2.0
// swift_account_book_test: the line that ends the pass on an account.
#include "support/test.h"

#include "common/targets/swift/book/account_book.h"

static const struct name_part alice = {"AUTH_alice", 10};
static const struct name_part bob = {"AUTH_bob", 8};
static const struct counts some = {
	.containers = {[REAPED_DELETED] = 1},
	.objects = {[REAPED_DELETED] = 8},
	.replies = {[REAPED_DELETED] = 24},
	.codes = {[2] = 34, [4] = 1},
};
static const struct counts others = {
	.containers = {[REAPED_REMAINING] = 1, [REAPED_POSSIBLY] = 1},
	.replies = {[REAPED_REMAINING] = 10, [REAPED_POSSIBLY] = 1},
};

static const struct account_book_terms terms = {.warn_after_us = 1000};
static const struct account_book_terms with_times = {.warn_after_us = 1000, .wants_times = true};

static void assert_a_line(struct account_book *book, const char *line, bool is_warning) {
	char text[400];
	bool warns = !is_warning;

	assert_true(account_book_take_line(book, &warns, text, sizeof(text)));
	assert_string_equal(text, line);
	assert_int_equal(warns, is_warning);
}

static void assert_line(struct account_book *book, const char *line) {
	assert_a_line(book, line, false);
}

static void assert_no_line(struct account_book *book) {
	char text[400];
	bool warns;

	assert_false(account_book_take_line(book, &warns, text, sizeof(text)));
}

static void the_last_container_makes_the_line(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	assert_int_equal(account_book_open(book, alice, 0, 0), 0);
	account_book_put(book, alice);
	account_book_put(book, alice);
	account_book_enter(book, alice, &some, 100000);
	account_book_close(book, alice, 200000);
	assert_no_line(book);
	account_book_enter(book, alice, &others, 340000);
	assert_line(
		book,
		"Completed pass on account AUTH_alice, 1 containers deleted, 24 objects deleted, 1 "
		"containers remaining, 10 objects remaining, 1 containers possibly remaining, 1 "
		"objects possibly remaining, return codes: 34 2xxs, 1 4xxs, elapsed: 0.34s"
	);
	assert_no_line(book);
	account_book_free(book);
}

static void parts_that_are_zero_are_left_out(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	assert_int_equal(account_book_open(book, bob, 0, 1000000), 0);
	account_book_close(book, bob, 1000000);
	assert_line(book, "Completed pass on account AUTH_bob, elapsed: 0.00s");
	account_book_free(book);
}

static void accounts_do_not_mix(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	assert_int_equal(account_book_open(book, alice, 0, 0), 0);
	account_book_put(book, alice);
	account_book_close(book, alice, 0);
	assert_int_equal(account_book_open(book, bob, 0, 0), 0);
	account_book_put(book, bob);
	account_book_close(book, bob, 0);
	account_book_enter(book, bob, &some, 0);
	assert_line(
		book,
		"Completed pass on account AUTH_bob, 1 containers deleted, 24 objects deleted, "
		"return codes: 34 2xxs, 1 4xxs, elapsed: 0.00s"
	);
	assert_no_line(book);
	account_book_free(book);
}

static void what_nobody_opened_is_not_entered(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	account_book_put(book, alice);
	account_book_enter(book, alice, &some, 0);
	account_book_close(book, alice, 0);
	assert_no_line(book);
	assert_int_equal(account_book_open(book, alice, 0, 0), 0);
	account_book_clear(book);
	account_book_close(book, alice, 0);
	assert_no_line(book);
	account_book_free(book);
}

static void an_overdue_account_is_warned_of_behind_its_line_when_containers_remain(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	for (int64_t age_us = 999; age_us <= 1000; age_us++) {
		assert_int_equal(account_book_open(book, bob, 1346320, 1346320 + age_us), 0);
		account_book_put(book, bob);
		account_book_close(book, bob, 1346320);
		account_book_enter(book, bob, &others, 9000000);
		assert_line(
			book,
			"Completed pass on account AUTH_bob, 1 containers remaining, 10 objects "
			"remaining, 1 containers possibly remaining, 1 objects possibly remaining, "
			"elapsed: 7.65s"
		);
		if (age_us == 1000)
			assert_a_line(
				book,
				"Account AUTH_bob has not been reaped since "
				"1970-01-01T00:00:01.346320",
				true
			);
		assert_no_line(book);
	}
	// Nothing remains.
	assert_int_equal(account_book_open(book, alice, 0, 5000), 0);
	account_book_put(book, alice);
	account_book_close(book, alice, 5000);
	account_book_enter(book, alice, &some, 5000);
	assert_line(
		book,
		"Completed pass on account AUTH_alice, 1 containers deleted, 24 objects deleted, "
		"return codes: 34 2xxs, 1 4xxs, elapsed: 0.00s"
	);
	assert_no_line(book);
	account_book_free(book);
}

static void a_worker_tells_of_its_share_when_none_of_it_is_in_work(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	assert_int_equal(account_book_join(book, alice, 0, 0), 0);
	assert_int_equal(account_book_join(book, bob, 0, 0), 0);
	assert_int_equal(account_book_join(book, alice, 0, 400), 0);
	account_book_enter(book, alice, &some, 500);
	assert_no_line(book);
	account_book_enter(book, alice, &some, 20000);
	assert_line(
		book,
		"Completed pass on account AUTH_alice, 2 containers deleted, 48 objects deleted, "
		"return codes: 68 2xxs, 2 4xxs, elapsed: 0.02s"
	);
	// A later one begins another share.
	assert_int_equal(account_book_join(book, alice, 0, 30000), 0);
	account_book_enter(book, alice, &some, 30000);
	assert_line(
		book,
		"Completed pass on account AUTH_alice, 1 containers deleted, 24 objects deleted, "
		"return codes: 34 2xxs, 1 4xxs, elapsed: 0.00s"
	);
	assert_no_line(book);
	account_book_free(book);
}

static void who_scans_as_well_has_no_share_beside_what_was_put(void **state) {
	struct account_book *book = account_book_new(&terms);

	(void)state;
	assert_int_equal(account_book_open(book, bob, 0, 0), 0);
	account_book_put(book, bob);
	assert_int_equal(account_book_join(book, bob, 0, 0), 0);
	account_book_enter(book, bob, &others, 0);
	assert_no_line(book);
	account_book_close(book, bob, 0);
	assert_line(
		book,
		"Completed pass on account AUTH_bob, 1 containers remaining, 10 objects remaining, "
		"1 containers possibly remaining, 1 objects possibly remaining, elapsed: 0.00s"
	);
	assert_no_line(book);
	account_book_free(book);
}

static void each_time_is_told_once_and_behind_the_line(void **state) {
	struct account_book *book = account_book_new(&with_times);
	int64_t time_ms = -1;

	(void)state;
	assert_int_equal(account_book_join(book, alice, 0, 0), 0);
	account_book_enter(book, alice, &some, 12345);
	assert_false(account_book_take_time(book, &time_ms));
	assert_line(
		book,
		"Completed pass on account AUTH_alice, 1 containers deleted, 24 objects deleted, "
		"return codes: 34 2xxs, 1 4xxs, elapsed: 0.01s"
	);
	assert_no_line(book);
	assert_true(account_book_take_time(book, &time_ms));
	assert_int_equal(time_ms, 12);
	assert_false(account_book_take_time(book, &time_ms));
	account_book_note_error(book);
	account_book_note_error(book);
	assert_int_equal(account_book_take_errors(book), 2);
	assert_int_equal(account_book_take_errors(book), 0);
	account_book_free(book);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_container_makes_the_line),
		cmocka_unit_test(parts_that_are_zero_are_left_out),
		cmocka_unit_test(accounts_do_not_mix),
		cmocka_unit_test(what_nobody_opened_is_not_entered),
		cmocka_unit_test(
			an_overdue_account_is_warned_of_behind_its_line_when_containers_remain
		),
		cmocka_unit_test(a_worker_tells_of_its_share_when_none_of_it_is_in_work),
		cmocka_unit_test(who_scans_as_well_has_no_share_beside_what_was_put),
		cmocka_unit_test(each_time_is_told_once_and_behind_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
