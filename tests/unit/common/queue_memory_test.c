// SPDX-License-Identifier: MPL-2.0
// queue_memory_test: the bounded queue of one process.
#include "support/test.h"

#include "common/base/monitor.h"
#include "common/queue_memory.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int waits;

WRAPS(monitor_wait);
void __wrap_monitor_wait(struct monitor *monitor) {
	waits++;
	__real_monitor_wait(monitor);
}

static struct candidate *make_list(int count) {
	struct candidate *first = NULL, **tail = &first;
	for (int i = 0; i < count; i++) {
		struct candidate like = {.id = (char[]){"x"}, .key = i};
		*tail = candidate_new(&like);
		tail = &(*tail)->next;
	}
	return first;
}

struct fixture {
	struct queue_memory *queue;
	struct queue_put *in;
	struct queue_take *out;
};

static struct fixture fixture_new(size_t capacity) {
	struct queue_memory *queue = queue_memory_new(capacity);
	assert_non_null(queue);
	return (struct fixture){
		.queue = queue,
		.in = queue_memory_put_side(queue),
		.out = queue_memory_take_side(queue),
	};
}

static int put(struct fixture *fixture, int count) {
	return fixture->in->ops->put(fixture->in, make_list(count));
}

static int drain(struct fixture *fixture, struct settled *settled) {
	return fixture->in->ops->drain(fixture->in, QUEUE_SETTLED, settled);
}

static size_t take(struct fixture *fixture, struct candidate **out, size_t max) {
	return fixture->out->ops->take(fixture->out, out, max);
}

static void finish(struct fixture *fixture, struct candidate **list, size_t count) {
	for (size_t i = 0; i < count; i++)
		fixture->out->ops->finish(
			fixture->out, list[i], &(struct fate){.verdict = VERDICT_DONE}
		);
}

static bool is_readable(const struct fixture *fixture) {
	struct pollfd fd = {.fd = fixture->out->ops->fd(fixture->out), .events = POLLIN};
	return poll(&fd, 1, 0) == 1;
}

static void gives_what_was_put_in_order(void **state) {
	(void)state;
	struct fixture fixture = fixture_new(10);
	struct settled settled;
	struct candidate *out[10];
	assert_false(is_readable(&fixture));
	assert_int_equal(put(&fixture, 3), 0);
	assert_true(is_readable(&fixture));
	assert_int_equal(take(&fixture, out, 2), 2);
	assert_true(is_readable(&fixture));
	assert_int_equal(take(&fixture, out + 2, 8), 1);
	assert_false(is_readable(&fixture));
	for (int i = 0; i < 3; i++)
		assert_int_equal(out[i]->key, i);
	finish(&fixture, out, 3);
	assert_int_equal(drain(&fixture, &settled), 0);
	queue_memory_free(fixture.queue);
}

struct putter {
	struct fixture fixture;
	int result;
};

static void *put_more(void *arg) {
	struct putter *putter = arg;
	putter->result = put(&putter->fixture, 4);
	return NULL;
}

static void a_full_queue_waits_until_there_is_room(void **state) {
	(void)state;
	struct putter putter = {.fixture = fixture_new(5)};
	struct candidate *out[8];
	pthread_t thread;
	assert_int_equal(put(&putter.fixture, 4), 0);
	assert_int_equal(pthread_create(&thread, NULL, put_more, &putter), 0);
	size_t taken = 0;
	while (taken < 8)
		taken += take(&putter.fixture, out + taken, 8 - taken);
	pthread_join(thread, NULL);
	assert_int_equal(putter.result, 0);
	finish(&putter.fixture, out, 8);
	queue_memory_free(putter.fixture.queue);
}

static void assert_stopped(struct putter *putter, void (*stop)(struct fixture *fixture)) {
	struct fixture *fixture = &putter->fixture;
	struct settled settled;
	struct candidate *out[1];
	pthread_t thread;
	assert_int_equal(put(fixture, 4), 0);
	assert_int_equal(pthread_create(&thread, NULL, put_more, putter), 0);
	stop(fixture);
	pthread_join(thread, NULL);
	assert_int_equal(putter->result, -ECANCELED);
	assert_int_equal(take(fixture, out, 1), 0);
	assert_int_equal(drain(fixture, &settled), -ECANCELED);
	fixture->in->ops->restart(fixture->in);
	assert_int_equal(drain(fixture, &settled), 0);
}

static void stop_put_side(struct fixture *fixture) {
	fixture->in->ops->stop(fixture->in);
}

static void stop_take_side(struct fixture *fixture) {
	fixture->out->ops->stop(fixture->out);
}

static void stop_of_either_side_ends_a_waiting_put_and_drops_what_waits(void **state) {
	(void)state;
	struct putter putter = {.fixture = fixture_new(4)};
	assert_stopped(&putter, stop_put_side);
	assert_stopped(&putter, stop_take_side);
	assert_int_equal(put(&putter.fixture, 1), 0);
	queue_memory_free(putter.fixture.queue);
}

static void a_page_larger_than_the_queue_still_gets_in(void **state) {
	(void)state;
	struct fixture fixture = fixture_new(2);
	struct candidate *out[5];
	assert_int_equal(put(&fixture, 5), 0);
	assert_int_equal(take(&fixture, out, 5), 5);
	finish(&fixture, out, 5);
	queue_memory_free(fixture.queue);
}

// One candidate.
static struct candidate *make_large(size_t mebibytes) {
	struct candidate like = {.id = (char[]){"x"}, .data_bytes = mebibytes << 20};
	struct candidate *candidate;
	like.data = calloc(1, like.data_bytes);
	assert_non_null(like.data);
	candidate = candidate_new(&like);
	assert_non_null(candidate);
	free(like.data);
	return candidate;
}

static void *put_two_mebibytes(void *arg) {
	struct putter *putter = arg;
	struct queue_put *in = putter->fixture.in;
	putter->result = in->ops->put(in, make_large(2));
	return NULL;
}

static void a_queue_with_four_mebibytes_of_data_is_full(void **state) {
	(void)state;
	struct putter putter = {.fixture = fixture_new(100)};
	struct queue_put *in = putter.fixture.in;
	struct candidate *out[4];
	pthread_t thread;
	waits = 0;
	assert_int_equal(in->ops->put(in, make_large(2)), 0);
	assert_int_equal(in->ops->put(in, make_large(1)), 0);
	assert_int_equal(pthread_create(&thread, NULL, put_two_mebibytes, &putter), 0);
	while (waits == 0)
		sched_yield();
	assert_int_equal(take(&putter.fixture, out, 1), 1);
	pthread_join(thread, NULL);
	assert_int_equal(putter.result, 0);
	assert_int_equal(take(&putter.fixture, out + 1, 3), 2);
	assert_int_equal(out[2]->data_bytes, 2 << 20);
	assert_int_equal(in->ops->put(in, make_large(4)), 0); // exactly
	assert_int_equal(take(&putter.fixture, out + 3, 1), 1);
	finish(&putter.fixture, out, 4);
	queue_memory_free(putter.fixture.queue);
}

static void one_of_more_data_than_that_gets_into_an_empty_queue(void **state) {
	(void)state;
	struct fixture fixture = fixture_new(100);
	struct candidate *out[1];
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture.in->ops->put(fixture.in, make_large(5)), 0);
		assert_int_equal(take(&fixture, out, 1), 1);
		finish(&fixture, out, 1);
	}
	queue_memory_free(fixture.queue);
}

static void data_that_a_stop_dropped_takes_no_room(void **state) {
	(void)state;
	struct fixture fixture = fixture_new(100);
	assert_int_equal(fixture.in->ops->put(fixture.in, make_large(3)), 0);
	stop_put_side(&fixture);
	fixture.in->ops->restart(fixture.in);
	assert_int_equal(fixture.in->ops->put(fixture.in, make_large(2)), 0);
	assert_int_equal(fixture.in->ops->put(fixture.in, make_large(2)), 0);
	queue_memory_free(fixture.queue);
}

static void sums_what_was_removed_until_it_is_restarted(void **state) {
	(void)state;
	struct fixture fixture = fixture_new(10);
	struct settled settled;
	struct candidate *out[3];
	assert_int_equal(put(&fixture, 3), 0);
	assert_int_equal(take(&fixture, out, 3), 3);
	for (int i = 0; i < 3; i++)
		fixture.out->ops->finish(
			fixture.out,
			out[i],
			&(struct fate){
				.verdict = VERDICT_DONE,
				.removed = 10 + i,
				.removed_also = i,
				.removed_bytes = 100}
		);
	assert_int_equal(drain(&fixture, &settled), 0);
	assert_int_equal(settled.removed, 33);
	assert_int_equal(settled.removed_also, 3);
	assert_int_equal(settled.removed_bytes, 300);
	fixture.in->ops->restart(fixture.in);
	assert_int_equal(drain(&fixture, &settled), 0);
	assert_int_equal(settled.removed, 0);
	queue_memory_free(fixture.queue);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_what_was_removed_until_it_is_restarted),
		cmocka_unit_test(gives_what_was_put_in_order),
		cmocka_unit_test(a_full_queue_waits_until_there_is_room),
		cmocka_unit_test(stop_of_either_side_ends_a_waiting_put_and_drops_what_waits),
		cmocka_unit_test(a_page_larger_than_the_queue_still_gets_in),
		cmocka_unit_test(a_queue_with_four_mebibytes_of_data_is_full),
		cmocka_unit_test(one_of_more_data_than_that_gets_into_an_empty_queue),
		cmocka_unit_test(data_that_a_stop_dropped_takes_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
