// SPDX-License-Identifier: MPL-2.0
// halving_test: what happens to a batch that does not work.
#include "support/test.h"

#include "worker/batch/halving.h"

#include <errno.h>

enum { COUNT = 8, MANY = 64 };

struct fake {
	struct work works[MANY];
	struct work_result results[MANY];
	struct work_pair pairs[MANY];
	int calls;
	int blocked_calls;
	int reconnects;
	int error; // given while it concerns the batch
	// The row that is to blame; NULL: every row.
	const struct work *bad;
	// Every so many-th row is to blame, the first one not; 0: as `bad` says.
	int bad_every;
	// A call that works gives every so many-th row VERDICT_RETRY; 0: none.
	int blocked_every;
	// So many failing calls narrow their first work.
	int narrowings_left;
	// After so many errors it works; -1: never.
	int errors_left;
	int reconnect_error;
	// The server says itself that it is away.
	bool is_told;
	// So many works a failing call does all the same.
	int done_before_error;
	size_t largest_ok;
};

static bool is_every(const struct fake *fake, const struct work *work, int every) {
	return every > 0 && (work - fake->works) % every == every - 1;
}

static bool is_bad(const struct fake *fake, const struct work *work) {
	if (fake->bad_every > 0)
		return is_every(fake, work, fake->bad_every);
	return fake->bad == NULL || work == fake->bad;
}

static bool holds_bad(const struct fake *fake, const struct work_pair *pairs, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (is_bad(fake, pairs[i].work))
			return true;
	return false;
}

static int fake_call(void *ctx, const struct work_pair *pairs, size_t count) {
	struct fake *fake = ctx;
	bool has_blocked = false;

	fake->calls++;
	if (fake->errors_left != 0 && holds_bad(fake, pairs, count)) {
		fake->errors_left -= fake->errors_left > 0 ? 1 : 0;
		pairs[0].out->narrowed = pairs[0].out->narrowed || fake->narrowings_left-- > 0;
		while (fake->done_before_error > 0)
			pairs[--fake->done_before_error].out->finding.verdict = VERDICT_DONE;
		return fake->error;
	}
	for (size_t i = 0; i < count; i++) {
		bool is_blocked = is_every(fake, pairs[i].work, fake->blocked_every);

		pairs[i].out->finding.verdict = is_blocked ? VERDICT_RETRY : VERDICT_DONE;
		has_blocked = has_blocked || is_blocked;
	}
	fake->blocked_calls += has_blocked;
	if (count > fake->largest_ok)
		fake->largest_ok = count;
	return 0;
}

static int fake_reconnect(void *ctx) {
	struct fake *fake = ctx;

	fake->reconnects++;
	return fake->reconnect_error;
}

static bool fake_broke(void *ctx) {
	return !((struct fake *)ctx)->is_told;
}

static const char *fake_error(void *ctx) {
	(void)ctx;
	return "words";
}

static void forget(struct fake *fake) {
	for (size_t i = 0; i < MANY; i++)
		finding_clear(&fake->results[i].finding);
}
#define SCENE __attribute__((cleanup(forget)))

static int run_some(struct fake *fake, size_t count) {
	struct halving_call call = {fake, fake_call, fake_reconnect, fake_broke, fake_error};

	for (size_t i = 0; i < count; i++)
		fake->pairs[i] = (struct work_pair){&fake->works[i], &fake->results[i]};
	return halving_run(&call, fake->pairs, count);
}

static int run(struct fake *fake) {
	return run_some(fake, COUNT);
}

static int count_verdict(const struct fake *fake, enum verdict verdict) {
	int n = 0;

	// Those that were not in the batch have VERDICT_GO.
	for (int i = 0; i < MANY; i++)
		n += fake->results[i].finding.verdict == verdict;
	return n;
}

static int count_untried(const struct fake *fake) {
	int n = 0;

	for (int i = 0; i < MANY; i++)
		n += fake->results[i].untried;
	return n;
}

static void a_batch_that_works_is_one_call(void **state) {
	(void)state;
	SCENE struct fake fake = {0};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
}

static void a_deadlock_is_halved_and_done_in_the_end(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = 2};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
	assert_int_equal(fake.largest_ok, COUNT / 2);
}

static void a_row_that_stays_locked_is_retried_alone(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = -1};
	fake.bad = &fake.works[5];
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT - 1);
	assert_int_equal(fake.results[5].finding.verdict, VERDICT_RETRY);
	assert_int_equal(fake.results[5].finding.reason, REASON_DATABASE);
}

static void a_table_that_is_locked_as_a_whole_costs_a_few_time_outs(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = -1};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT);
	// 8, 4, 2, 1, 1, 2, 1 works: the third single one ends it
	assert_int_equal(fake.calls, 7);
	assert_int_equal(count_untried(&fake), COUNT - 3);
}

static void locked_rows_among_others_cost_a_bounded_number_of_time_outs(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = 1000, .bad_every = 2};
	assert_int_equal(run_some(&fake, MANY), 0);
	assert_int_equal(1000 - fake.errors_left, HALVING_LOCKS_MAX);
	assert_int_equal(
		count_verdict(&fake, VERDICT_DONE) + count_verdict(&fake, VERDICT_RETRY), MANY
	);
	assert_true(count_verdict(&fake, VERDICT_DONE) > 0);
	for (int i = 0; i < MANY; i++) {
		// Nobody is untried who had a verdict, and who was tried alone knows.
		if (fake.results[i].untried)
			assert_int_equal(fake.results[i].finding.verdict, VERDICT_RETRY);
		else if (i % 2 == 1)
			assert_int_equal(fake.results[i].finding.verdict, VERDICT_RETRY);
		else
			assert_int_equal(fake.results[i].finding.verdict, VERDICT_DONE);
	}
}

static void works_that_a_call_itself_gives_back_count_as_one_time_out(void **state) {
	(void)state;
	SCENE struct fake fake = {
		.error = -EAGAIN, .errors_left = 1000, .bad_every = 8, .blocked_every = 2};
	assert_int_equal(run_some(&fake, MANY), 0);
	assert_true(fake.blocked_calls > 0);
	assert_int_equal(1000 - fake.errors_left + fake.blocked_calls, HALVING_LOCKS_MAX);
	assert_true(count_untried(&fake) > 0);
	assert_int_equal(count_verdict(&fake, VERDICT_FAILED), 0);
}

static void a_row_that_was_untried_once_is_tried_the_next_time(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = 7};
	assert_int_equal(run(&fake), 0);
	assert_true(fake.results[COUNT - 1].untried);
	assert_int_equal(run(&fake), 0);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
	assert_int_equal(count_untried(&fake), 0);
}

static void a_row_that_never_works_fails_alone(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EIO, .errors_left = -1};
	fake.bad = &fake.works[0];
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.results[0].finding.verdict, VERDICT_FAILED);
	assert_string_equal(finding_words(&fake.results[0].finding), "words");
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT - 1);
}

static void a_lost_connection_is_mended(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -ENOTCONN, .errors_left = 1};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.reconnects, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
	// Whether something was committed then only the call knows.
	for (int i = 0; i < COUNT; i++)
		assert_false(fake.results[i].commit_unknown);
}

static void what_a_failed_call_has_done_stays_done(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = -1, .done_before_error = 2};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.results[0].finding.verdict, VERDICT_DONE);
	assert_int_equal(fake.results[1].finding.verdict, VERDICT_DONE);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), 2);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT - 2);
}

static void a_row_that_ends_every_connection_is_found(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -ENOTCONN, .errors_left = -1};
	fake.bad = &fake.works[3];
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.results[3].finding.verdict, VERDICT_FAILED);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT - 1);
}

static void losses_do_not_count_while_a_single_work_is_narrowed(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -ENOTCONN, .errors_left = 8, .narrowings_left = 6};
	assert_int_equal(run_some(&fake, 1), 0);
	assert_int_equal(fake.results[0].finding.verdict, VERDICT_DONE);
	assert_int_equal(fake.calls, 9);
	fake = (struct fake){.error = -ENOTCONN, .errors_left = 9, .narrowings_left = 6};
	assert_int_equal(run_some(&fake, 1), 0);
	assert_int_equal(fake.results[0].finding.verdict, VERDICT_FAILED);
}

static void a_database_that_stays_away_ends_the_batch(void **state) {
	(void)state;
	SCENE struct fake fake = {
		.error = -ENOTCONN, .errors_left = -1, .reconnect_error = -ENOTCONN};
	assert_int_equal(run(&fake), -ETIMEDOUT);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT);
}

static void a_server_that_says_that_it_is_away_blames_no_row(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -ENOTCONN, .errors_left = 40, .is_told = true};
	assert_int_equal(run(&fake), 0);
	assert_int_equal(fake.reconnects, 40);
	assert_int_equal(count_verdict(&fake, VERDICT_DONE), COUNT);
	assert_int_equal(fake.largest_ok, COUNT);
}

static void a_missing_privilege_is_no_rows_fault(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EACCES, .errors_left = -1};
	assert_int_equal(run(&fake), -EACCES);
	assert_int_equal(fake.calls, 1);
	assert_int_equal(count_verdict(&fake, VERDICT_RETRY), COUNT);
}

static void an_error_in_the_first_half_gives_the_second_a_verdict_too(void **state) {
	(void)state;
	SCENE struct fake fake = {.error = -EAGAIN, .errors_left = 1};
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
		cmocka_unit_test(locked_rows_among_others_cost_a_bounded_number_of_time_outs),
		cmocka_unit_test(works_that_a_call_itself_gives_back_count_as_one_time_out),
		cmocka_unit_test(a_row_that_was_untried_once_is_tried_the_next_time),
		cmocka_unit_test(a_row_that_never_works_fails_alone),
		cmocka_unit_test(a_lost_connection_is_mended),
		cmocka_unit_test(what_a_failed_call_has_done_stays_done),
		cmocka_unit_test(a_row_that_ends_every_connection_is_found),
		cmocka_unit_test(losses_do_not_count_while_a_single_work_is_narrowed),
		cmocka_unit_test(a_database_that_stays_away_ends_the_batch),
		cmocka_unit_test(a_server_that_says_that_it_is_away_blames_no_row),
		cmocka_unit_test(a_missing_privilege_is_no_rows_fault),
		cmocka_unit_test(an_error_in_the_first_half_gives_the_second_a_verdict_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
