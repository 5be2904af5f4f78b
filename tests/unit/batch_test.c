// SPDX-License-Identifier: MPL-2.0
// batch_test: what happens to a batch that does not work.
#include "support/test.h"

#include "worker/batch.h"

#include <errno.h>

enum { COUNT = 8 };

struct fake {
	struct work works[COUNT];
	struct work *list[COUNT];
	int calls;
	int reconnects;
	int error; // given while it concerns the batch
	const struct work *bad; // the row that is to blame; NULL: every row
	int errors_left; // after so many errors it works; -1: never
	int reconnect_error;
	size_t largest_ok;
};

static bool holds_bad(const struct fake *fake, struct work *const *works, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (fake->bad == NULL || works[i] == fake->bad)
			return true;
	return false;
}

static int fake_call(void *ctx, struct work *const *works, size_t count) {
	struct fake *fake = ctx;

	fake->calls++;
	if (fake->errors_left != 0 && holds_bad(fake, works, count)) {
		fake->errors_left -= fake->errors_left > 0 ? 1 : 0;
		return fake->error;
	}
	for (size_t i = 0; i < count; i++)
		works[i]->verdict = VERDICT_DONE;
	if (count > fake->largest_ok)
		fake->largest_ok = count;
	return 0;
}

static int fake_reconnect(void *ctx) {
	struct fake *fake = ctx;

	fake->reconnects++;
	return fake->reconnect_error;
}

static const char *fake_error(void *ctx) {
	(void)ctx;
	return "words";
}

static int run(struct fake *fake) {
	struct batch_call call = {fake, fake_call, fake_reconnect, fake_error, true};

	for (int i = 0; i < COUNT; i++)
		fake->list[i] = &fake->works[i];
	return batch_run(&call, fake->list, COUNT);
}

static int count_verdict(const struct fake *fake, enum verdict verdict) {
	int n = 0;

	for (int i = 0; i < COUNT; i++)
		n += fake->works[i].verdict == verdict;
	return n;
}

static void a_batch_that_works_is_one_call(void **state) {
	(void)state;
	struct fake fake = {0};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
}

static void a_deadlock_is_halved_and_done_in_the_end(void **state) {
	(void)state;
	struct fake fake = {.error = -EAGAIN, .errors_left = 2};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
	assert_int_equal(fake.largest_ok, COUNT / 2);
}

static void a_row_that_stays_locked_is_retried_alone(void **state) {
	(void)state;
	struct fake fake = {.error = -EAGAIN, .errors_left = -1};
	fake.bad = &fake.works[5];
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT - 1);
	assert_int_equal(fake.works[5].verdict, VERDICT_RETRY);
	assert_int_equal(fake.works[5].reason, REASON_DATABASE);
}

static void a_table_that_is_locked_as_a_whole_costs_a_few_time_outs(void **state) {
	(void)state;
	struct fake fake = {.error = -EAGAIN, .errors_left = -1};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT);
	// 8, 4, 2, 1, 1, 2, 1 works: the third single one ends it
	assert_int_equal(fake.calls, 7);
}

static void a_row_that_never_works_fails_alone(void **state) {
	(void)state;
	struct fake fake = {.error = -EIO, .errors_left = -1};
	fake.bad = &fake.works[0];
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.works[0].verdict, VERDICT_FAILED);
	assert_string_equal(fake.works[0].message, "words");
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT - 1);
}

static void a_lost_connection_is_mended_and_the_doubt_is_marked(void **state) {
	(void)state;
	struct fake fake = {.error = -ENOTCONN, .errors_left = 1};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.reconnects, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_true(fake.works[i].commit_unknown);
}

static void a_row_that_ends_every_connection_is_found(void **state) {
	(void)state;
	struct fake fake = {.error = -ENOTCONN, .errors_left = -1};
	fake.bad = &fake.works[3];
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.works[3].verdict, VERDICT_FAILED);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT - 1);
}

static void a_database_that_stays_away_ends_the_batch(void **state) {
	(void)state;
	struct fake fake = {.error = -ENOTCONN, .errors_left = -1, .reconnect_error = -ENOTCONN};
	assert_int_equal(run(&fake), -ETIMEDOUT);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT);
}

static void a_missing_privilege_is_no_rows_fault(void **state) {
	(void)state;
	struct fake fake = {.error = -EACCES, .errors_left = -1};
	assert_int_equal(run(&fake), -EACCES);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT);
}

static void an_error_in_the_first_half_gives_the_second_a_verdict_too(void **state) {
	(void)state;
	struct fake fake = {.error = -EAGAIN, .errors_left = 1};
	assert_int_equal(run(&fake), 0);
	fake = (struct fake){.error = -EIO, .errors_left = 1};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_that_works_is_one_call),
		cmocka_unit_test(a_deadlock_is_halved_and_done_in_the_end),
		cmocka_unit_test(a_row_that_stays_locked_is_retried_alone),
		cmocka_unit_test(a_table_that_is_locked_as_a_whole_costs_a_few_time_outs),
		cmocka_unit_test(a_row_that_never_works_fails_alone),
		cmocka_unit_test(a_lost_connection_is_mended_and_the_doubt_is_marked),
		cmocka_unit_test(a_row_that_ends_every_connection_is_found),
		cmocka_unit_test(a_database_that_stays_away_ends_the_batch),
		cmocka_unit_test(a_missing_privilege_is_no_rows_fault),
		cmocka_unit_test(an_error_in_the_first_half_gives_the_second_a_verdict_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
