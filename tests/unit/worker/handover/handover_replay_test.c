// SPDX-License-Identifier: MPL-2.0
// handover_replay_test: what a replay cannot do is given up at once, but for what another worker of
// it will do.
#include "support/test.h"

#include "worker/handover/handover.h"
#include "worker/handover/handover_rule.h"

static const struct handover_limits limits = {.attempts = 3, .life_ms = 1000, .is_replay = true};
static const struct candidate old = {.seen_ms = 500};

static enum handover_way decide(struct fate fate) {
	return handover_decide(&limits, &old, &fate, 1000000);
}

static void what_fails_or_is_put_off_goes_to_the_dead_letters(void **state) {
	(void)state;
	assert_int_equal(
		decide((struct fate){.verdict = VERDICT_FAILED, .reason = REASON_HTTP_5XX}),
		HANDOVER_DEAD
	);
	assert_int_equal(
		decide((struct fate){.verdict = VERDICT_FAILED, .reason = REASON_CONNECT}),
		HANDOVER_DEAD
	);
	assert_int_equal(
		decide((struct fate){.verdict = VERDICT_POSTPONED, .reason = REASON_STOPPED}),
		HANDOVER_DEAD
	);
}

static void what_is_done_or_left_goes_nowhere(void **state) {
	(void)state;
	assert_int_equal(decide((struct fate){.verdict = VERDICT_DONE}), HANDOVER_NONE);
	assert_int_equal(
		decide((struct fate){.verdict = VERDICT_LEFT, .reason = REASON_LIVE}), HANDOVER_NONE
	);
}

static void what_a_worker_puts_off_because_it_ends_is_done_by_another(void **state) {
	struct fate fate = {.verdict = VERDICT_POSTPONED, .is_ending = true};
	(void)state;
	assert_true(handover_is_undone(&fate));
	fate.verdict = VERDICT_FAILED;
	assert_false(handover_is_undone(&fate));
	fate = (struct fate){.verdict = VERDICT_POSTPONED};
	assert_false(handover_is_undone(&fate));
}

static rd_kafka_headers_t *received;

WRAPS(rd_kafka_message_headers);

rd_kafka_resp_err_t __wrap_rd_kafka_message_headers(
	const rd_kafka_message_t *message, rd_kafka_headers_t **out
) {
	(void)message;
	*out = received;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void assert_replay(const struct handover_note *note, const char *id) {
	const rd_kafka_message_t message = {.partition = 0};
	struct handover_past past;

	received = handover_headers(note);
	handover_read_past(&message, &past);
	if (id == NULL)
		assert_null(past.replay);
	else
		assert_string_equal(past.replay, id);
	rd_kafka_headers_destroy(received);
}

static void the_header_is_there_for_a_replay_alone(void **state) {
	struct handover_note note = {.reason = "x", .topic = "t", .replay = "lost-node"};
	(void)state;
	assert_replay(&note, "lost-node");
	note.replay = NULL;
	assert_replay(&note, NULL);
}

static void a_header_that_names_no_replay_counts_as_none(void **state) {
	static const char *const bad[] = {"", "a b", "a/b", "\xff"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct handover_note note = {.reason = "x", .topic = "t", .replay = bad[i]};

		assert_replay(&note, NULL);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fails_or_is_put_off_goes_to_the_dead_letters),
		cmocka_unit_test(what_is_done_or_left_goes_nowhere),
		cmocka_unit_test(what_a_worker_puts_off_because_it_ends_is_done_by_another),
		cmocka_unit_test(the_header_is_there_for_a_replay_alone),
		cmocka_unit_test(a_header_that_names_no_replay_counts_as_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
