// SPDX-License-Identifier: MPL-2.0
// owner_test: a worker looks whose the topics are. What it looks at is answered at once.
#include "support/inquiry_stub.h"
#include "support/test.h"

#include "worker/inquiry/owner.h"

#include <errno.h>
#include <stdio.h>

static const int64_t t0_ms = 1000000, again_ms = 5000;

static int whose; // the answer

static int look_whose(void *ctx, char *error, size_t error_bytes) {
	(void)ctx;
	snprintf(error, error_bytes, "it is theirs");
	return whose;
}

static struct source_setup setup;
static struct member member;
static struct owner *owner;

static int set_up(void **state) {
	(void)state;
	setup = (struct source_setup){.look_whose = look_whose};
	member = (struct member){.setup = &setup, .take_fd = -1, .serve_fd = -1};
	inquiry_stub_reset();
	whose = 0;
	return owner_new(&owner, &member);
}

static int tear_down(void **state) {
	(void)state;
	owner_free(owner);
	return 0;
}

static void ask_and_hear(int64_t now_ms) {
	owner_serve(owner, now_ms);
	owner_serve(owner, now_ms);
}

static void a_doubt_lasts_until_it_is_known_that_the_topics_are_ours(void **state) {
	(void)state;
	ask_and_hear(t0_ms);
	assert_int_equal(inquiry_stub_asked, 0);
	owner_doubt(owner);
	whose = -EAGAIN;
	ask_and_hear(t0_ms);
	ask_and_hear(t0_ms + again_ms - 1);
	assert_int_equal(inquiry_stub_asked, 1);
	assert_true(owner_is_doubted(owner));
	whose = 0;
	ask_and_hear(t0_ms + again_ms);
	assert_false(owner_is_doubted(owner));
	ask_and_hear(t0_ms + 2 * again_ms);
	assert_int_equal(inquiry_stub_asked, 2);
	assert_int_equal(member.state, SOURCE_RUNS);
}

static void an_answer_of_before_the_doubt_does_not_end_it(void **state) {
	(void)state;
	owner_look(owner);
	owner_serve(owner, t0_ms);
	owner_doubt(owner);
	owner_serve(owner, t0_ms);
	assert_true(owner_is_doubted(owner));
	ask_and_hear(t0_ms + again_ms);
	assert_false(owner_is_doubted(owner));
	assert_int_equal(inquiry_stub_asked, 2);
}

static void a_doubt_is_looked_into_at_once(void **state) {
	(void)state;
	owner_look(owner);
	ask_and_hear(t0_ms);
	owner_doubt(owner);
	ask_and_hear(t0_ms + 1);
	assert_int_equal(inquiry_stub_asked, 2);
	assert_false(owner_is_doubted(owner));
}

static void a_look_after_a_rebalance_holds_up_nothing_but_ends_the_worker_of_another(void **state) {
	(void)state;
	owner_look(owner);
	assert_false(owner_is_doubted(owner));
	whose = -EAGAIN;
	ask_and_hear(t0_ms);
	assert_false(owner_is_doubted(owner));
	assert_int_equal(member.state, SOURCE_RUNS);
	whose = -ESTALE;
	ask_and_hear(t0_ms + again_ms);
	assert_int_equal(member.state, SOURCE_FAILED);
	assert_string_equal(member.error, "it is theirs");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(a_doubt_lasts_until_it_is_known_that_the_topics_are_ours),
		STORY(an_answer_of_before_the_doubt_does_not_end_it),
		STORY(a_doubt_is_looked_into_at_once),
		STORY(a_look_after_a_rebalance_holds_up_nothing_but_ends_the_worker_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
