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
		bool is_standby;
	} answers[CALLS_MAX];
	size_t calls;
};

static int begin(void *ctx, struct handle *handle, struct pass *pass) {
	struct script *script = ctx;
	size_t call = script->calls++;

	(void)handle;
	assert_true(call < CALLS_MAX);
	if (script->answers[call].words != NULL)
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"%s",
			script->answers[call].words
		);
	pass->is_standby = script->answers[call].is_standby;
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
	struct script script = {.answers = {{-ENOTCONN, "gone away", false}, {0, NULL, false}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(script.calls, 2);
	assert_int_equal(engine->report.error, 0);
	assert_int_equal(engine->fake.removed_count, ROWS);
	engine_end(engine, NULL, 0);
}

static void what_the_lost_connection_said_is_not_told_of_the_next_one(void **state) {
	struct script script = {
		.answers = {{-ENOTCONN, "gone away", false}, {-EACCES, NULL, false}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(script.calls, 2);
	assert_int_equal(engine->report.error, -EACCES);
	assert_null(strstr(engine->report.message, "gone away"));
	engine_end(engine, NULL, 0);
}

static void a_pass_that_cannot_begin_says_why_and_touches_nothing(void **state) {
	struct script script = {.answers = {{-EACCES, "not allowed", false}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(engine->report.error, -EACCES);
	assert_string_equal(engine->report.message, "not allowed");
	assert_int_equal(engine->fake.removed_count, 0);
	engine_end(engine, NULL, 0);
}

static void a_pass_that_another_process_does_is_standing_by(void **state) {
	struct script script = {.answers = {{-EBUSY, "another process has it", true}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_true(engine->report.is_standby);
	assert_int_equal(engine->fake.removed_count, 0);
	engine_end(engine, NULL, 0);
}

// -EBUSY is also what a foreign key says.
static void a_database_that_refuses_is_no_standing_by(void **state) {
	struct script script = {.answers = {{-EBUSY, "a foreign key holds the row", false}}};
	struct engine *engine = run_pass(&script);

	(void)state;
	assert_int_equal(engine->report.error, -EBUSY);
	assert_false(engine->report.is_standby);
	engine_end(engine, NULL, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_that_was_lost_while_idle_costs_nothing),
		cmocka_unit_test(what_the_lost_connection_said_is_not_told_of_the_next_one),
		cmocka_unit_test(a_pass_that_cannot_begin_says_why_and_touches_nothing),
		cmocka_unit_test(a_pass_that_another_process_does_is_standing_by),
		cmocka_unit_test(a_database_that_refuses_is_no_standing_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
