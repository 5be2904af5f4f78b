// SPDX-License-Identifier: MPL-2.0
// stale_test: requests that are not sent because their judgement does not hold any more.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/http/http.h"
#include "support/engine.h"
#include "support/node.h"

#include <sched.h>

enum { TTL_MS = 7000, MANY = 1000 };

// So many requests come too late; of the others, when they had to be sent.
static int late;
static int64_t send_by_ms;

WRAPS(http_start);
int __wrap_http_start(
	struct http *http, const struct http_request *request, int64_t timeout_ms, void *tag
) {
	struct http_request copy = *request;

	send_by_ms = request->send_by_ms;
	if (late > 0) {
		late--;
		copy.send_by_ms = clock_mono_ms() - 1;
	}
	return __real_http_start(http, &copy, timeout_ms, tag);
}

static struct engine *engine_of_one(struct node **node) {
	struct engine *engine = engine_with_nodes(node, 1, 1);

	engine->worker_options.check_ttl_ms = TTL_MS;
	return engine;
}

static void a_request_has_the_time_that_its_judgement_has(void **state) {
	(void)state;
	struct node *node;
	struct engine *engine = engine_of_one(&node);
	int64_t now_ms = clock_mono_ms();
	late = 0;
	engine_open(engine);
	engine_run_pass(engine);
	assert_in_range(send_by_ms, now_ms + TTL_MS, clock_mono_ms() + TTL_MS);
	engine_end(engine, &node, 1);
}

static void what_was_not_sent_is_judged_again_and_was_no_attempt(void **state) {
	(void)state;
	struct node *node;
	struct engine *engine = engine_of_one(&node);
	engine->worker_options.retry.attempts = 2;
	node_script(node, &(struct node_step){.status = 503});
	late = 3;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 1);
	assert_int_equal(engine_tally(engine)->requests, 2);
	assert_int_equal(node_requests(node), 2);
	assert_int_equal(engine->fake.checks, 3);
	engine_end(engine, &node, 1);
}

static void that_has_an_end(void **state) {
	(void)state;
	struct node *node;
	struct engine *engine = engine_of_one(&node);
	engine->worker_options.retry.time_ms = 50;
	late = INT32_MAX;
	engine_open(engine);
	engine_start_pass(engine);
	while (!engine_is_done(engine) && engine->fake.checks < MANY)
		engine_step(engine);
	assert_int_equal(engine_tally(engine)->failed[REASON_CONNECT], 1);
	assert_int_equal(engine_tally(engine)->requests, 0);
	assert_int_equal(node_requests(node), 0);
	engine_end(engine, &node, 1);
}

static void say_live(struct fake *fake, const struct work_pair *pair) {
	(void)fake;
	pair->out->finding.verdict = VERDICT_LEFT;
	pair->out->finding.reason = REASON_LIVE;
}

static void what_may_go_is_another_matter_and_nothing_goes_that_was_judged_before(void **state) {
	(void)state;
	struct node *node;
	struct engine *engine = engine_with_nodes(&node, 1, 100);
	engine->worker_options.check_ttl_ms = 60000;
	late = 0;
	engine->worker_options.lane.inflight_max = 1;
	engine->fake.on_check = say_live;
	node_default(node, &(struct node_step){.delay_ms = 100});
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests < 2)
		engine_step(engine);
	worker_judge_anew(engine->worker);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(node_requests(node), 2);
	assert_int_equal(engine_tally(engine)->purged, 2); // what was begun has an end
	assert_int_equal(engine_tally(engine)->left[REASON_LIVE], 98);
	assert_int_equal(engine->fake.checks, 98);
	engine_end(engine, &node, 1);
}

static void rows_without_a_request_are_judged_anew_as_well(void **state) {
	(void)state;
	struct node *node;
	struct engine *engine = engine_with_nodes(&node, 1, 100);
	engine->fake.node_count = 0;
	engine->worker_options.check_ttl_ms = 60000;
	late = 0;
	engine->worker_options.max_rate = 20;
	engine->fake.on_check = say_live;
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->purged < 1)
		engine_step(engine);
	worker_judge_anew(engine->worker);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_true(engine_tally(engine)->left[REASON_LIVE] > 50);
	assert_int_equal(engine->fake.checks, engine_tally(engine)->left[REASON_LIVE]);
	engine_end(engine, &node, 1);
}

// Of the last check, before it waits; 0: none.
static int64_t began_ms;
static bool may_end;

static int wait_for_the_news(struct fake *fake) {
	(void)fake;
	__atomic_store_n(&began_ms, clock_mono_ms(), __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&may_end, __ATOMIC_SEQ_CST))
		sched_yield();
	return 0;
}

static void say_when_it_began(struct fake *fake, const struct work_pair *pair) {
	if (pair->work->judged.mono_ms == 0)
		pair->out->judged.mono_ms = __atomic_load_n(&began_ms, __ATOMIC_SEQ_CST);
	else
		say_live(fake, pair);
}

static void a_judgement_under_way_does_not_outlive_the_news(void **state) {
	(void)state;
	struct node *node;
	struct engine *engine = engine_with_nodes(&node, 1, 10);
	began_ms = late = 0;
	may_end = false;
	engine->worker_options.check_ttl_ms = 60000;
	engine->fake.judged_by_scan = false;
	engine->fake.on_check_batch = wait_for_the_news;
	engine->fake.on_check = say_when_it_began;
	engine_open(engine);
	engine_start_pass(engine);
	while (__atomic_load_n(&began_ms, __ATOMIC_SEQ_CST) == 0)
		engine_step(engine);
	worker_judge_anew(engine->worker);
	__atomic_store_n(&may_end, true, __ATOMIC_SEQ_CST);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(node_requests(node), 0);
	assert_int_equal(engine_tally(engine)->left[REASON_LIVE], 10);
	assert_int_equal(engine_tally(engine)->retries, 0); // it was nobody's trouble
	engine_end(engine, &node, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_the_time_that_its_judgement_has),
		cmocka_unit_test(what_was_not_sent_is_judged_again_and_was_no_attempt),
		cmocka_unit_test(that_has_an_end),
		cmocka_unit_test(
			what_may_go_is_another_matter_and_nothing_goes_that_was_judged_before
		),
		cmocka_unit_test(rows_without_a_request_are_judged_anew_as_well),
		cmocka_unit_test(a_judgement_under_way_does_not_outlive_the_news),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
