// SPDX-License-Identifier: MPL-2.0
// lanes_test: which of a node's rows is sent next.
#include "support/test.h"

#include "worker/calls/lanes.h"
#include "worker/task/task.h"

#include <string.h>

static const struct lane_limits limits = {.inflight_start = 1, .inflight_max = 1};

struct fixture {
	struct lanes *lanes;
	struct lane_entry *entry;
	struct task tasks[6];
	struct call calls[6];
};

static int setup(void **state) {
	static struct fixture fixture;
	memset(&fixture, 0, sizeof(fixture));
	fixture.lanes = lanes_new(&limits);
	fixture.entry = lanes_get(fixture.lanes, "http://n");
	for (int i = 0; i < 6; i++)
		fixture.calls[i].task = &fixture.tasks[i];
	*state = &fixture;
	return fixture.entry == NULL ? -1 : 0;
}

static int teardown(void **state) {
	lanes_free(((struct fixture *)*state)->lanes);
	return 0;
}

// Empties the lane; `order` has the index of each task in the order they would be sent.
static void assert_order(struct fixture *fixture, const char *order) {
	struct call *call;
	for (; (call = lane_entry_first(fixture->entry)) != NULL; order++) {
		assert_int_equal(*order - '0', call - fixture->calls);
		lane_entry_unqueue(fixture->entry, call);
	}
	assert_string_equal(order, "");
	assert_int_equal(fixture->entry->queued, 0);
	assert_int_equal(fixture->entry->ready_count, 0);
}

static void sends_those_judged_again_before_those_that_wait(void **state) {
	struct fixture *fixture = *state;
	struct call *calls = fixture->calls;
	lane_entry_queue(fixture->entry, &calls[0], LANE_LAST);
	lane_entry_queue(fixture->entry, &calls[1], LANE_LAST);
	lane_entry_queue(fixture->entry, &calls[2], LANE_READY);
	lane_entry_queue(fixture->entry, &calls[3], LANE_READY);
	lane_entry_queue(fixture->entry, &calls[4], LANE_NEXT);
	assert_order(fixture, "42301");
}

static void keeps_who_holds_a_slot_before_who_needs_one(void **state) {
	struct fixture *fixture = *state;
	struct call *calls = fixture->calls;
	fixture->tasks[1].has_ticket = fixture->tasks[2].has_ticket = true;
	lane_entry_queue(fixture->entry, &calls[0], LANE_READY);
	lane_entry_queue(fixture->entry, &calls[1], LANE_NEXT);
	lane_entry_queue(fixture->entry, &calls[2], LANE_NEXT);
	lane_entry_queue(fixture->entry, &calls[3], LANE_NEXT);
	lane_entry_queue(fixture->entry, &calls[4], LANE_LAST);
	assert_order(fixture, "21304");
}

static void lets_one_without_a_slot_follow_when_all_others_hold_one(void **state) {
	struct fixture *fixture = *state;
	struct call *calls = fixture->calls;
	fixture->tasks[0].has_ticket = true;
	lane_entry_queue(fixture->entry, &calls[0], LANE_NEXT);
	lane_entry_queue(fixture->entry, &calls[1], LANE_NEXT);
	assert_order(fixture, "01");
}

static void finds_a_node_by_its_origin(void **state) {
	struct fixture *fixture = *state;
	assert_ptr_equal(lanes_get(fixture->lanes, "http://n"), fixture->entry);
	assert_ptr_not_equal(lanes_get(fixture->lanes, "http://m"), fixture->entry);
	assert_int_equal(lanes_count(fixture->lanes), 2);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			sends_those_judged_again_before_those_that_wait, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			keeps_who_holds_a_slot_before_who_needs_one, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			lets_one_without_a_slot_follow_when_all_others_hold_one, setup, teardown
		),
		cmocka_unit_test_setup_teardown(finds_a_node_by_its_origin, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
