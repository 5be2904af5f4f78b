// SPDX-License-Identifier: MPL-2.0
// source_handover_test: what a source hands over for a retry or as dead, against brokers that
// refuse it (librdkafka's mock cluster).
#include "support/side_by_side.h"
#include "support/source_scene.h"
#include "support/test.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_reader.h"
#include "common/kafka/record.h"
#include "worker/intake/source_parts.h"

#include <poll.h>
#include <string.h>

static void a_hand_over_counts_once_the_brokers_took_it(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->verdict = VERDICT_FAILED;
	scene->reason = REASON_UNKNOWN;
	rd_kafka_mock_push_request_errors(
		scene->cluster,
		API_PRODUCE,
		3,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS
	);
	scene_drain(scene);
	assert_int_equal(source_counts(scene->source)->dead, RECORDS);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void is_not_drained_before_what_is_to_be_retried_came_back(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	rd_kafka_resp_err_t errors[100];
	int64_t again = 0;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		errors[i] = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
	scene_close(scene);
	scene->setup.window = RECORDS;
	scene_open(scene);
	scene->keep = true;
	while (scene->held_count < RECORDS)
		scene_step(scene);
	// They come back later than their hand-over is acknowledged.
	rd_kafka_mock_push_request_errors_array(scene->cluster, API_FETCH, 100, errors);
	scene->keep = false;
	scene->verdict = VERDICT_POSTPONED;
	scene->reason = REASON_HELD;
	while (source_counts(scene->source)->retried < RECORDS)
		scene_step(scene);
	scene->verdict = VERDICT_DONE;
	scene_drain(scene);
	for (int32_t i = 0; i < PARTITIONS; i++)
		again += scene_committed_in(scene, SCENE_RETRY, i);
	assert_int_equal(again, source_counts(scene->source)->retried);
	scene_end(scene);
}

static void a_hand_over_that_is_refused_stops_its_partition(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->verdict = VERDICT_FAILED;
	scene->reason = REASON_UNKNOWN;
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_POLICY_VIOLATION
	);
	while (!source_is_stuck(scene->source))
		scene_step(scene);
	for (int i = 0; i < 20; i++)
		scene_step(scene);
	assert_false(source_is_drained(scene->source));
	int64_t committed = scene_committed(scene);
	assert_true(committed <= source_counts(scene->source)->dead); // none that is not taken yet
	scene_close(scene);
	assert_true(scene_committed(scene) < RECORDS);
	scene_open(scene); // after the operator mended it
	scene_drain(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void an_end_that_is_written_down_counts_once_the_brokers_took_it(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->audit = "{}";
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_POLICY_VIOLATION
	);
	while (!source_is_stuck(scene->source))
		scene_step(scene);
	assert_true(scene_committed(scene) <= source_counts(scene->source)->audited);
	scene_close(scene);
	assert_true(scene_committed(scene) < RECORDS);
	scene_open(scene);
	scene_drain(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	assert_true(source_counts(scene->source)->audited > 0);
	scene_end(scene);
}

static void the_end_of_a_dead_letter_is_written_down_before_it_goes(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->audit = "{}";
	scene->verdict = VERDICT_FAILED;
	scene->reason = REASON_UNKNOWN;
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
	);
	while (scene_said(scene, "records cannot be handed over") == 0)
		scene_step(scene);
	// What was refused is the audit, and nothing went past it.
	assert_true(scene_said(scene, SCENE_AUDIT) > 0);
	assert_true(source_counts(scene->source)->dead <= source_counts(scene->source)->audited);
	scene_drain(scene);
	assert_int_equal(source_counts(scene->source)->audited, RECORDS);
	assert_int_equal(source_counts(scene->source)->dead, RECORDS);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void of_one_that_comes_back_no_end_is_written_down(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->audit = "{}";
	scene->verdict = VERDICT_POSTPONED;
	scene->reason = REASON_HELD;
	while (source_counts(scene->source)->retried < RECORDS)
		scene_step(scene);
	assert_int_equal(source_counts(scene->source)->audited, 0);
	scene->verdict = VERDICT_DONE;
	scene_drain(scene);
	assert_true(source_counts(scene->source)->audited >= RECORDS);
	scene_end(scene);
}

static void what_may_not_be_written_down_waits_until_it_may(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->audit = "{}";
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
	);
	while (scene_said(scene, "records cannot be handed over") == 0)
		scene_step(scene);
	assert_true(source_parked(scene->source) > 0);
	scene_drain(scene);
	while (scene_said(scene, "records can be handed over again") == 0)
		scene_step(scene);
	assert_int_equal(source_parked(scene->source), 0);
	assert_int_equal(source_counts(scene->source)->audited, RECORDS);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

// One record, of those that are held, whose hand-over is refused. Returns its partition.
static int refuse_one(struct scene *scene) {
	int said = scene_said(scene, "its partition stands still");
	int partition;

	while (scene->held_count == 0)
		scene_step(scene);
	partition = (int)(scene->held[0]->key % PARTITIONS);
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_POLICY_VIOLATION
	);
	scene->verdict = VERDICT_FAILED;
	scene->reason = REASON_UNKNOWN;
	scene_finish(scene, 0);
	while (scene_said(scene, "its partition stands still") == said)
		scene_step(scene);
	scene->verdict = VERDICT_DONE;
	return partition;
}

static void partitions_that_stand_still_leave_the_window_to_the_others(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	int first, second;
	scene_close(scene);
	scene->setup.window = 2; // as many as are refused
	scene_open(scene);
	scene->keep = true;
	first = refuse_one(scene);
	second = refuse_one(scene);
	assert_int_not_equal(first, second);
	scene->keep = false;
	for (int i = 0; i < PARTITIONS; i++)
		while (i != first && i != second &&
		       scene_committed_in(scene, SCENE_TOPIC, i) < RECORDS / PARTITIONS)
			scene_step(scene);
	assert_int_equal(scene_committed_in(scene, SCENE_TOPIC, first), 0);
	assert_int_equal(scene_committed_in(scene, SCENE_TOPIC, second), 0);
	assert_true(source_is_stuck(scene->source));
	scene_end(scene);
}

static void a_partition_that_stands_still_says_so_once(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	rd_kafka_resp_err_t errors[RECORDS];
	for (int i = 0; i < RECORDS; i++)
		errors[i] = RD_KAFKA_RESP_ERR_POLICY_VIOLATION;
	rd_kafka_mock_push_request_errors_array(scene->cluster, API_PRODUCE, RECORDS, errors);
	scene->verdict = VERDICT_FAILED;
	scene->reason = REASON_UNKNOWN;
	scene->keep = true;
	while (scene->held_count < (size_t)12 * PARTITIONS)
		scene_step(scene);
	scene->keep = false;
	do
		scene_step(scene);
	while (scene->source->member.holdings.lent > 0);
	assert_int_equal(scene_said(scene, "its partition stands still"), PARTITIONS);
	scene_end(scene);
}

static void the_first_failure_is_the_one_that_is_told(void **state) {
	(void)state;
	const struct source_setup setup = {.dead_topic = SCENE_DEAD};
	struct holding holding = {.claim = {.partition = 0}};
	struct loan loan = {.holding = &holding};
	struct member member = {.setup = &setup};
	struct departures departures = {.member = &member};
	member_fail(&member, SOURCE_FENCED, "the name is taken");
	departures_on_done(&departures, &loan, RD_KAFKA_RESP_ERR__FATAL, NULL);
	assert_int_equal(member.state, SOURCE_FENCED);
	assert_string_equal(member.error, "the name is taken");
}

static void retries_that_are_due_and_cannot_be_taken_keep_nobody_awake(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	int64_t until_ms;
	int steps = 0;
	scene_close(scene);
	scene->setup.retries[0].delay_ms = 500;
	scene_open(scene);
	scene->verdict = VERDICT_FAILED;
	scene->reason = REASON_HTTP_5XX;
	while (source_counts(scene->source)->retried < RECORDS)
		scene_step(scene);
	until_ms = clock_mono_ms() + 2 * scene->setup.retries[0].delay_ms;
	for (; clock_mono_ms() < until_ms; steps++) { // the engine takes nothing
		struct pollfd fd = {.fd = source_fd(scene->source), .events = POLLIN};
		int64_t wait_ms;

		source_serve(scene->source, clock_mono_ms());
		wait_ms = source_wait_ms(scene->source, clock_mono_ms());
		poll(&fd, 1, wait_ms < 100 ? (int)wait_ms : 100);
	}
	assert_int_in_range(steps, 1, 200);
	scene->verdict = VERDICT_DONE;
	scene_drain(scene);
	scene_end(scene);
}

// --- what is left of one

static char long_id[2 * RECORD_ID_BYTES];

struct shown {
	int whole, rest;
};

static int show(void *ctx, const rd_kafka_message_t *message) {
	struct shown *shown = ctx;
	struct record head = {0};
	struct candidate *candidate;

	assert_int_equal(record_decode(message->payload, message->len, &head, &candidate), 0);
	assert_string_equal(head.run, "r");
	assert_string_equal(head.target, "fruit");
	shown->whole += strcmp(candidate->id, "x") == 0;
	shown->rest += strcmp(candidate->id, "rest") == 0;
	candidate_free(candidate);
	return 0;
}

static struct shown read_topic(const struct scene *scene, const char *topic) {
	struct shown shown = {0};
	const struct kafka_reading reading = {
		.partition = -1,
		.quiet_ms = GIVE_UP_MS,
		.timeout_ms = GIVE_UP_MS,
		.show = show,
		.ctx = &shown,
	};
	const struct kafka_reader_setup setup = {.kafka = &scene->kafka, .topic = topic};
	struct kafka_reader *reader;
	char error[200];

	assert_int_equal(kafka_reader_open(&reader, &setup, error, sizeof(error)), 0);
	assert_int_equal(kafka_reader_read(reader, &reading), 0);
	kafka_reader_close(reader);
	return shown;
}

static void leave_a_rest(
	struct scene *scene, enum verdict verdict, enum reason reason, const char *id
) {
	struct candidate *candidate = scene->held[--scene->held_count];
	const struct candidate rest = {.id = (char *)id, .key = candidate->key, .seen_ms = 1};
	const struct fate fate = {
		.verdict = verdict, .reason = reason, .message = "", .rest = &rest};

	scene->queue->ops->finish(scene->queue, candidate, &fate);
}

static void the_rest_takes_its_place_in_a_retry_topic_alone(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	struct shown shown;
	scene->keep = true;
	while (scene->held_count < 3)
		scene_step(scene);
	memset(long_id, 'x', sizeof(long_id) - 1);
	leave_a_rest(scene, VERDICT_POSTPONED, REASON_HELD, (char[]){"rest"});
	leave_a_rest(scene, VERDICT_POSTPONED, REASON_HELD, long_id); // makes no record
	leave_a_rest(scene, VERDICT_FAILED, REASON_UNKNOWN, (char[]){"rest"});
	while (source_counts(scene->source)->retried < 2 || source_counts(scene->source)->dead < 1)
		scene_step(scene);
	shown = read_topic(scene, SCENE_RETRY);
	assert_int_equal(shown.rest, 1);
	assert_int_equal(shown.whole, 1);
	shown = read_topic(scene, SCENE_DEAD);
	assert_int_equal(shown.rest, 0);
	assert_int_equal(shown.whole, 1);
	scene_end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hand_over_counts_once_the_brokers_took_it),
		cmocka_unit_test(is_not_drained_before_what_is_to_be_retried_came_back),
		cmocka_unit_test(a_hand_over_that_is_refused_stops_its_partition),
		cmocka_unit_test(an_end_that_is_written_down_counts_once_the_brokers_took_it),
		cmocka_unit_test(the_end_of_a_dead_letter_is_written_down_before_it_goes),
		cmocka_unit_test(of_one_that_comes_back_no_end_is_written_down),
		cmocka_unit_test(what_may_not_be_written_down_waits_until_it_may),
		cmocka_unit_test(partitions_that_stand_still_leave_the_window_to_the_others),
		cmocka_unit_test(a_partition_that_stands_still_says_so_once),
		cmocka_unit_test(the_first_failure_is_the_one_that_is_told),
		cmocka_unit_test(retries_that_are_due_and_cannot_be_taken_keep_nobody_awake),
		cmocka_unit_test(the_rest_takes_its_place_in_a_retry_topic_alone),
	};
	return side_by_side_run(tests, sizeof(tests) / sizeof(*tests));
}
