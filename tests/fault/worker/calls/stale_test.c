// SPDX-License-Identifier: MPL-2.0
// stale_test: requests that are not sent because their judgement grew too old on the way.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/http/http.h"
#include "support/engine.h"
#include "support/node.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_the_time_that_its_judgement_has),
		cmocka_unit_test(what_was_not_sent_is_judged_again_and_was_no_attempt),
		cmocka_unit_test(that_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
