// SPDX-License-Identifier: MPL-2.0
// begun_test: a remove that takes its time is called again until it says how it ended, whatever
// comes in between. The times are so long that only a test lets them pass, however slow it runs.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/target/target_remover.h"
#include "support/engine.h"
#include "support/witness.h"
#include "worker/park/timers.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { ROWS = 20, TIMES = 4, AGAIN_MS = 3600000, GIVE_UP_MS = 50000 };

static _Atomic int64_t skipped_ms; // set anew by each test

WRAPS(clock_mono_ms);
int64_t __wrap_clock_mono_ms(void) {
	return __real_clock_mono_ms() + skipped_ms;
}

// Rows that were put off to be called again. Thread: loop.
static size_t put_off;

WRAPS(timers_add);
int __wrap_timers_add(struct timers *timers, struct timer *timer) {
	put_off++;
	return __real_timers_add(timers, timer);
}

// Of each row. Thread: batch, and the test.
struct book {
	atomic_int calls;
	int64_t last_ms;
	int64_t shortest_ms; // between two calls
};

// The fake target, whose remove takes several calls; in fake.user.
struct story {
	struct book books[ROWS];
	struct target_remover remover;
	struct target target;
	struct engine *engine;
	atomic_bool may_end;
	bool fails; // at last
	int64_t first_again_ms; // of row 0
};

static void note(struct book *book, int64_t now_ms) {
	if (book->calls > 0 && now_ms - book->last_ms < book->shortest_ms)
		book->shortest_ms = now_ms - book->last_ms;
	book->last_ms = now_ms;
	book->calls++;
}

static void end_one(struct story *story, const struct work_pair *pair) {
	struct fake *fake = &story->engine->fake;

	pair->out->rows.removed = !story->fails;
	pair->out->rows.failed = story->fails;
	pair->out->rows.bytes = 10;
	pair->out->finding.verdict = VERDICT_DONE;
	pthread_mutex_lock(&fake->lock);
	fake->removed_twice += fake->removed[pair->work->candidate->key];
	fake->removed[pair->work->candidate->key] = 1;
	fake->removed_count++;
	pthread_mutex_unlock(&fake->lock);
}

static int remove_slowly(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	struct story *story = ((const struct fake *)config)->user;

	(void)handle;
	for (size_t i = 0; i < count; i++) {
		int64_t key = pairs[i].work->candidate->key;
		struct book *book = &story->books[key];

		note(book, clock_mono_ms());
		if (book->calls < TIMES || !story->may_end) {
			pairs[i].out->finding.verdict = VERDICT_GO;
			pairs[i].out->again_ms = key == 0 ? story->first_again_ms : AGAIN_MS;
			// It did so much already, and says so each time.
			pairs[i].out->rows.bytes = 10;
		} else {
			end_one(story, &pairs[i]);
		}
	}
	return 0;
}

static void name_failed_row(
	const void *config, const struct work *work, int64_t index, struct row_words *out
) {
	(void)config, (void)work, (void)index;
	*out = (struct row_words){.reason = REASON_FILES, .id = "x", .words = "it failed"};
}

static struct story *story_begin(void) {
	struct story *story = calloc(1, sizeof(*story));

	assert_non_null(story);
	skipped_ms = 0;
	put_off = 0;
	for (size_t i = 0; i < ROWS; i++)
		story->books[i].shortest_ms = INT64_MAX;
	story->may_end = true;
	story->first_again_ms = AGAIN_MS;
	story->remover = *fake_target.remover;
	story->remover.remove = remove_slowly;
	story->remover.failed_row = name_failed_row;
	story->target = fake_target;
	story->target.remover = &story->remover;
	story->engine = engine_with_nodes(NULL, 0, ROWS);
	story->engine->target = &story->target;
	story->engine->fake.user = story;
	story->engine->worker_options.retry.attempts = 1;
	// No other time is over before.
	story->engine->worker_options.retry.time_ms = 1000 * (int64_t)AGAIN_MS;
	story->engine->worker_options.retry.hold_time_ms = 1000 * (int64_t)AGAIN_MS;
	return story;
}

static void story_end(struct story *story) {
	engine_end(story->engine, NULL, 0);
	free(story);
}

typedef bool condition(struct story *story);

// Steps until it is so; each time `skip_ms` pass.
static void step_until(struct story *story, condition *is_so, int64_t skip_ms) {
	int64_t give_up_ms = __real_clock_mono_ms() + GIVE_UP_MS;

	while (!is_so(story)) {
		engine_step(story->engine);
		skipped_ms += skip_ms;
		assert_true(__real_clock_mono_ms() < give_up_ms);
	}
}

// Each was called, and the loop knows what came of it.
static bool has_begun(struct story *story) {
	(void)story;
	return put_off >= ROWS;
}

static bool was_called_often(struct story *story) {
	return story->books[0].calls >= TIMES;
}

static bool is_still(struct story *story) {
	return worker_is_still(story->engine->worker);
}

static bool is_done(struct story *story) {
	return engine_is_done(story->engine);
}

static void run_until_all_have_begun(struct story *story) {
	engine_open(story->engine);
	engine_start_pass(story->engine);
	step_until(story, has_begun, 0);
	assert_int_equal(put_off, ROWS);
}

// Those whose time has come wait for the first row, to be a whole batch with it.
static void run_until_they_wait_in_a_batch(struct story *story) {
	story->may_end = false;
	story->first_again_ms = 6 * (int64_t)AGAIN_MS;
	story->engine->worker_options.batch_rows = ROWS;
	story->engine->worker_options.batch_threads = 1;
	story->engine->worker_options.linger_ms = 100 * (int64_t)AGAIN_MS;
	run_until_all_have_begun(story);
	skipped_ms += 2 * (int64_t)AGAIN_MS;
	for (int i = 0; i < 3; i++)
		engine_step(story->engine);
	for (size_t i = 0; i < ROWS; i++)
		assert_int_equal(story->books[i].calls, 1);
}

static void run_to_the_end(struct story *story) {
	step_until(story, is_done, AGAIN_MS);
}

static void assert_all_were_purged_once(const struct story *story) {
	const struct tally *tally = engine_tally(story->engine);

	assert_int_equal(tally->purged, ROWS);
	assert_int_equal(tally->removed_bytes, 10 * ROWS);
	assert_int_equal(tally_finished(tally), ROWS);
	assert_int_equal(tally->ended[END_PURGED][REASON_NONE], ROWS);
	assert_int_equal(story->engine->fake.events[EVENT_PURGED], ROWS);
	assert_int_equal(story->engine->fake.removed_count, ROWS);
}

static void it_is_called_again_after_its_time_and_uses_up_no_attempt(void **state) {
	struct story *story = story_begin();

	(void)state;
	run_until_all_have_begun(story);
	run_to_the_end(story);
	assert_all_were_purged_once(story);
	assert_int_equal(engine_tally(story->engine)->retries, 0);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(story->books[i].calls, TIMES);
		// The loop's clock may be a little older than the batch thread's.
		assert_true(story->books[i].shortest_ms >= AGAIN_MS - GIVE_UP_MS);
	}
	story_end(story);
}

static void its_rows_count_once_when_it_fails_at_last(void **state) {
	struct story *story = story_begin();
	const struct tally *tally;

	(void)state;
	story->fails = true;
	run_until_all_have_begun(story);
	run_to_the_end(story);
	tally = engine_tally(story->engine);
	assert_int_equal(tally->failed[REASON_FILES], ROWS);
	assert_int_equal(tally->purged, 0);
	assert_int_equal(tally->removed_bytes, 10 * ROWS);
	assert_int_equal(tally_finished(tally), ROWS);
	story_end(story);
}

static void a_stop_waits_for_its_end(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->may_end = false;
	run_until_all_have_begun(story);
	worker_quit(story->engine->worker);
	producer_stop(story->engine->producer);
	for (int i = 0; i < 5; i++)
		engine_step(story->engine);
	assert_int_equal(worker_in_work(story->engine->worker), ROWS);
	story->may_end = true;
	run_to_the_end(story);
	assert_all_were_purged_once(story);
	story_end(story);
}

static void a_pause_waits_for_its_end(void **state) {
	struct story *story = story_begin();

	(void)state;
	run_until_they_wait_in_a_batch(story);
	worker_pause(story->engine->worker, true);
	assert_false(worker_is_still(story->engine->worker));
	story->may_end = true;
	step_until(story, is_still, AGAIN_MS);
	assert_int_equal(worker_in_work(story->engine->worker), 0);
	assert_all_were_purged_once(story);
	worker_pause(story->engine->worker, false);
	run_to_the_end(story);
	story_end(story);
}

static void a_judgement_that_grew_old_is_not_made_again(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->engine->worker_options.check_ttl_ms = AGAIN_MS;
	story->may_end = false;
	run_until_all_have_begun(story);
	worker_judge_anew(story->engine->worker);
	step_until(story, was_called_often, AGAIN_MS);
	story->may_end = true;
	run_to_the_end(story);
	assert_all_were_purged_once(story);
	story_end(story);
}

static void a_lease_that_is_lost_does_not_take_it_out(void **state) {
	struct story *story = story_begin();
	struct witness witness;

	(void)state;
	witness_watch(&witness, story->engine);
	run_until_they_wait_in_a_batch(story);
	witness.lease.revoked = true;
	worker_sweep(story->engine->worker);
	assert_int_equal(worker_in_work(story->engine->worker), ROWS);
	story->may_end = true;
	run_to_the_end(story);
	assert_int_equal(witness.finished, ROWS);
	assert_int_equal(story->engine->fake.removed_count, ROWS);
	story_end(story);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_called_again_after_its_time_and_uses_up_no_attempt),
		cmocka_unit_test(its_rows_count_once_when_it_fails_at_last),
		cmocka_unit_test(a_stop_waits_for_its_end),
		cmocka_unit_test(a_pause_waits_for_its_end),
		cmocka_unit_test(a_judgement_that_grew_old_is_not_made_again),
		cmocka_unit_test(a_lease_that_is_lost_does_not_take_it_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
