// SPDX-License-Identifier: MPL-2.0
// drain_test: what a pass waits for between its stages and at its end. The queue in memory keeps
// book of what it was asked.
#include "support/test.h"

#include "common/queue_memory.h"
#include "support/engine.h"

#include <string.h>

enum { ROWS = 300, STAGE_ROWS = 100, ASKED_MAX = 16 };

static const struct queue_put_ops *real;
static char asked[ASKED_MAX + 1]; // a letter for each drain

static int drain(struct queue_put *side, enum queue_drain until, struct settled *settled) {
	size_t len = strlen(asked);

	assert_true(len < ASKED_MAX);
	asked[len] = until == QUEUE_SETTLED ? 'S' : 'K';
	return real->drain(side, until, settled);
}

static void waits_for_fates_between_stages_and_for_safe_keeping_at_the_end(void **state) {
	struct engine engine;
	struct queue_put *side;
	struct queue_put_ops ops;

	(void)state;
	engine_init(&engine, ROWS);
	engine.fake.stage_rows = STAGE_ROWS;
	engine_open(&engine);
	side = queue_memory_put_side(engine.queue);
	real = side->ops;
	ops = *real;
	ops.drain = drain;
	side->ops = &ops;
	engine_run_pass(&engine);
	assert_string_equal(asked, "SSK");
	assert_int_equal(engine.fake.stages_mixed, 0);
	engine_assert_all_have_a_fate(&engine);
	engine_close(&engine);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_for_fates_between_stages_and_for_safe_keeping_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
