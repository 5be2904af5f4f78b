// SPDX-License-Identifier: MPL-2.0
// handover_rule_test: what failed may come back, what cannot succeed is given up, what is done
// stays done.
#include "support/test.h"

#include "worker/handover/handover_rule.h"

static const struct handover_limits limits = {.attempts = 3, .life_ms = 1000};

static enum handover_way decide(struct fate fate, int attempts, int64_t now_ms) {
	const struct candidate candidate = {.seen_ms = 500, .origin = {.attempts = attempts}};

	return handover_decide(&limits, &candidate, &fate, now_ms);
}

static void what_is_done_or_left_goes_nowhere(void **state) {
	(void)state;
	assert_int_equal(decide((struct fate){.verdict = VERDICT_DONE}, 0, 600), HANDOVER_NONE);
	assert_int_equal(
		decide((struct fate){.verdict = VERDICT_LEFT, .reason = REASON_NODE_DOWN}, 0, 600),
		HANDOVER_NONE
	);
}

static void each_failure_goes_where_it_belongs(void **state) {
	(void)state;
	static const struct {
		enum reason reason;
		int status;
		enum handover_way way;
	} rows[] = {
		{REASON_HTTP_5XX, 500, HANDOVER_RETRY},
		{REASON_HTTP_5XX, 507, HANDOVER_RETRY},
		{REASON_DATABASE, 0, HANDOVER_RETRY},
		{REASON_HTTP_4XX, 401, HANDOVER_RETRY},
		{REASON_HTTP_4XX, 403, HANDOVER_RETRY},
		{REASON_HTTP_4XX, 400, HANDOVER_DEAD},
		{REASON_HTTP_OTHER, 302, HANDOVER_DEAD},
		{REASON_UNKNOWN, 0, HANDOVER_DEAD},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fate fate = {
			.verdict = VERDICT_FAILED,
			.reason = rows[i].reason,
			.status = rows[i].status,
		};
		assert_int_equal(decide(fate, 0, 600), rows[i].way);
		assert_int_equal(decide(fate, 2, 600), HANDOVER_DEAD);
	}
}

static void a_node_that_is_away_makes_no_dead_letters(void **state) {
	(void)state;
	static const struct {
		enum reason reason;
		int status;
	} rows[] = {
		{REASON_CONNECT, 0},
		{REASON_TIMEOUT, 0},
		{REASON_HTTP_4XX, 408},
		{REASON_HTTP_4XX, 425},
		{REASON_HTTP_4XX, 429},
		{REASON_HTTP_5XX, 502},
		{REASON_HTTP_5XX, 503},
		{REASON_HTTP_5XX, 504},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fate fate = {
			.verdict = VERDICT_FAILED,
			.reason = rows[i].reason,
			.status = rows[i].status,
		};
		assert_true(handover_is_postponed(&fate));
		assert_int_equal(decide(fate, 100, 1500), HANDOVER_RETRY);
		assert_int_equal(decide(fate, 100, 1501), HANDOVER_EXPIRED);
	}
}

static void only_what_was_not_its_own_fault_is_postponed(void **state) {
	(void)state;
	static const struct fate own[] = {
		{.verdict = VERDICT_FAILED, .reason = REASON_HTTP_4XX, .status = 400},
		{.verdict = VERDICT_FAILED, .reason = REASON_HTTP_5XX, .status = 500},
		{.verdict = VERDICT_FAILED, .reason = REASON_DATABASE, .status = 503},
		{.verdict = VERDICT_LEFT, .reason = REASON_NODE_DOWN},
		{.verdict = VERDICT_DONE, .reason = REASON_TIMEOUT},
	};
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_false(handover_is_postponed(&own[i]));
	assert_true(handover_is_postponed(&(struct fate){.verdict = VERDICT_POSTPONED}));
}

static void a_postponed_one_is_kept_for_as_long_as_it_lives(void **state) {
	(void)state;
	struct fate fate = {.verdict = VERDICT_POSTPONED, .reason = REASON_HELD};
	assert_int_equal(decide(fate, 100, 1500), HANDOVER_RETRY);
	assert_int_equal(decide(fate, 0, 1501), HANDOVER_EXPIRED);
}

static struct fate failed(enum reason reason, int status) {
	return (struct fate){.verdict = VERDICT_FAILED, .reason = reason, .status = status};
}

static struct fate postponed(enum reason reason) {
	return (struct fate){.verdict = VERDICT_POSTPONED, .reason = reason};
}

enum { TIERS = 4 };

// The retry topic of a record that comes back once more.
static size_t climb(struct fate fate, struct handover_climb *climb) {
	climb->away = handover_away(&fate, climb->away);
	climb->attempts += !handover_is_postponed(&fate);
	return handover_tier(&fate, climb, TIERS);
}

static void assert_climbs(struct fate fate) {
	struct handover_climb so_far = {0};

	for (size_t i = 0; i < TIERS; i++)
		assert_int_equal(climb(fate, &so_far), i);
	assert_int_equal(climb(fate, &so_far), TIERS - 1);
	assert_int_equal(handover_tier(&fate, &so_far, 1), 0); // there is but one
}

static void each_time_that_its_node_is_away_a_record_waits_longer(void **state) {
	(void)state;
	const struct fate rows[] = {
		failed(REASON_CONNECT, 0),
		failed(REASON_TIMEOUT, 0),
		failed(REASON_HTTP_5XX, 502),
		failed(REASON_HTTP_5XX, 503),
		failed(REASON_HTTP_5XX, 504),
		failed(REASON_HTTP_4XX, 408), // it asks for time
		failed(REASON_HTTP_4XX, 425),
		failed(REASON_HTTP_4XX, 429),
		postponed(REASON_CONNECT), // those who waited in its lane
		postponed(REASON_TIMEOUT),
		postponed(REASON_HTTP_5XX),
		postponed(REASON_HTTP_4XX),
		postponed(REASON_HTTP_OTHER),
		postponed(REASON_STOPPED),
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_climbs(rows[i]);
}

static void each_failure_of_its_own_waits_longer(void **state) {
	(void)state;
	const struct fate rows[] = {
		failed(REASON_HTTP_5XX, 500),
		failed(REASON_HTTP_4XX, 401),
		failed(REASON_DATABASE, 0),
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_climbs(rows[i]);
}

static void postponements_and_failures_climb_apart(void **state) {
	(void)state;
	struct handover_climb so_far = {0};

	assert_int_equal(climb(failed(REASON_HTTP_5XX, 500), &so_far), 0);
	assert_int_equal(climb(postponed(REASON_CONNECT), &so_far), 0);
	assert_int_equal(climb(postponed(REASON_CONNECT), &so_far), 1);
	assert_int_equal(climb(failed(REASON_HTTP_5XX, 500), &so_far), 1); // the second
	// The node answered meanwhile.
	assert_int_equal(climb(postponed(REASON_CONNECT), &so_far), 0);
	assert_int_equal(climb(failed(REASON_HTTP_5XX, 500), &so_far), 2);
	assert_int_equal(so_far.attempts, 3);
}

static void who_only_had_no_turn_waits_shortly_and_changes_nothing(void **state) {
	(void)state;
	const struct fate rows[] = {postponed(REASON_HELD), postponed(REASON_DATABASE)};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct handover_climb so_far = {.attempts = 3, .away = 1};

		assert_int_equal(climb(rows[i], &so_far), 0);
		assert_int_equal(climb(rows[i], &so_far), 0);
		assert_int_equal(climb(postponed(REASON_STOPPED), &so_far), 1);
		assert_int_equal(climb(failed(REASON_DATABASE, 0), &so_far), 3);
	}
}

static void a_retry_stays_with_who_holds_a_partition_for_it(void **state) {
	(void)state;
	const int32_t held[] = {4, 2};
	assert_int_equal(handover_retry_partition(held, 2, 2, 6), 2); // the same one
	assert_int_equal(handover_retry_partition(held, 2, 8, 6), 2); // the same one, of fewer
	for (int32_t partition = 0; partition < 9; partition++) { // any that is held
		int32_t place = handover_retry_partition(held, 2, partition, 6);
		assert_true(place == 2 || place == 4);
	}
	assert_int_equal(handover_retry_partition(held, 2, 6, 6), 4);
	assert_int_equal(handover_retry_partition(held, 2, 7, 6), 2);
	assert_int_equal(handover_retry_partition(NULL, 0, 7, 6), 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_done_or_left_goes_nowhere),
		cmocka_unit_test(each_failure_goes_where_it_belongs),
		cmocka_unit_test(each_time_that_its_node_is_away_a_record_waits_longer),
		cmocka_unit_test(each_failure_of_its_own_waits_longer),
		cmocka_unit_test(postponements_and_failures_climb_apart),
		cmocka_unit_test(who_only_had_no_turn_waits_shortly_and_changes_nothing),
		cmocka_unit_test(a_retry_stays_with_who_holds_a_partition_for_it),
		cmocka_unit_test(a_node_that_is_away_makes_no_dead_letters),
		cmocka_unit_test(only_what_was_not_its_own_fault_is_postponed),
		cmocka_unit_test(a_postponed_one_is_kept_for_as_long_as_it_lives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
