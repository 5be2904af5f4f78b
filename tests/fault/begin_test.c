// SPDX-License-Identifier: MPL-2.0
// begin_test: what the producer makes of a pass that cannot begin.
#include "support/test.h"

#include "support/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 100, CALLS_MAX = 4 };

// What begin says, call by call.
struct script {
	struct {
		int err;
		const char *words;
	} answers[CALLS_MAX];
	size_t calls;
};

static int begin(void *ctx, struct handle *handle, struct pass *pass) {
	struct script *script = ctx;
	size_t call = script->calls++;

	(void)handle;
	assert_true(call < CALLS_MAX);
	if (script->answers[call].words != NULL)
		snprintf(pass->error, sizeof(pass->error), "%s", script->answers[call].words);
	return script->answers[call].err;
}

static struct engine *run_pass(struct script *script) {
	struct engine *engine = engine_with_nodes(NULL, 0, ROWS);

	engine->producer_hooks = (struct producer_hooks){.ctx = script, .begin = begin};
	engine_open(engine);
	engine_run_pass(engine);
	return engine;
}

static void a_connection_that_was_lost_while_idle_costs_nothing(void **state) {
	struct script script = {.answers = {{-ENOTCONN, "gone away"}, {0, NULL}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(script.calls, 2);
	assert_int_equal(engine->report.error, 0);
	assert_int_equal(engine->fake.removed_count, ROWS);
	engine_end(engine, NULL, 0);
}

static void what_the_lost_connection_said_is_not_told_of_the_next_one(void **state) {
	struct script script = {.answers = {{-ENOTCONN, "gone away"}, {-EACCES, NULL}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(script.calls, 2);
	assert_int_equal(engine->report.error, -EACCES);
	assert_null(strstr(engine->report.message, "gone away"));
	engine_end(engine, NULL, 0);
}

static void a_pass_that_cannot_begin_says_why_and_touches_nothing(void **state) {
	struct script script = {.answers = {{-EACCES, "not allowed"}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(engine->report.error, -EACCES);
	assert_string_equal(engine->report.message, "not allowed");
	assert_int_equal(engine->fake.removed_count, 0);
	engine_end(engine, NULL, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_that_was_lost_while_idle_costs_nothing),
		cmocka_unit_test(what_the_lost_connection_said_is_not_told_of_the_next_one),
		cmocka_unit_test(a_pass_that_cannot_begin_says_why_and_touches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
