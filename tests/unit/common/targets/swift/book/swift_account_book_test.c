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

static void assert_line(struct account_book *book, const char *line) {
	char text[400];

	assert_true(account_book_take_line(book, text, sizeof(text)));
	assert_string_equal(text, line);
}

static void assert_no_line(struct account_book *book) {
	char text[400];

	assert_false(account_book_take_line(book, text, sizeof(text)));
}

static void the_last_container_makes_the_line(void **state) {
	struct account_book *book = account_book_new();

	(void)state;
	assert_int_equal(account_book_open(book, alice, 0), 0);
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
	struct account_book *book = account_book_new();

	(void)state;
	assert_int_equal(account_book_open(book, bob, 1000000), 0);
	account_book_close(book, bob, 1000000);
	assert_line(book, "Completed pass on account AUTH_bob, elapsed: 0.00s");
	account_book_free(book);
}

static void accounts_do_not_mix(void **state) {
	struct account_book *book = account_book_new();

	(void)state;
	assert_int_equal(account_book_open(book, alice, 0), 0);
	account_book_put(book, alice);
	account_book_close(book, alice, 0);
	assert_int_equal(account_book_open(book, bob, 0), 0);
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
	struct account_book *book = account_book_new();

	(void)state;
	account_book_put(book, alice);
	account_book_enter(book, alice, &some, 0);
	account_book_close(book, alice, 0);
	assert_no_line(book);
	assert_int_equal(account_book_open(book, alice, 0), 0);
	account_book_clear(book);
	account_book_close(book, alice, 0);
	assert_no_line(book);
	account_book_free(book);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_container_makes_the_line),
		cmocka_unit_test(parts_that_are_zero_are_left_out),
		cmocka_unit_test(accounts_do_not_mix),
		cmocka_unit_test(what_nobody_opened_is_not_entered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
