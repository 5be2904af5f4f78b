// SPDX-License-Identifier: MPL-2.0
// queue_memory_test: the bounded queue of one process.
#include "support/test.h"

#include "common/queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

static struct candidate *make_list(int count) {
	struct candidate *first = NULL, **tail = &first;
	for (int i = 0; i < count; i++) {
		struct candidate like = {.id = (char[]){"x"}, .key = i};
		*tail = candidate_new(&like);
		tail = &(*tail)->next;
	}
	return first;
}

static bool is_readable(const struct queue *queue) {
	struct pollfd fd = {.fd = queue->ops->take_fd(queue), .events = POLLIN};
	return poll(&fd, 1, 0) == 1;
}

static void gives_what_was_put_in_order(void **state) {
	(void)state;
	struct queue *queue = queue_memory_new(10);
	struct candidate *out[10];
	assert_false(is_readable(queue));
	assert_int_equal(queue->ops->put(queue, make_list(3)), 0);
	assert_true(is_readable(queue));
	assert_int_equal(queue->ops->take(queue, out, 2), 2);
	assert_true(is_readable(queue));
	assert_int_equal(queue->ops->take(queue, out + 2, 8), 1);
	assert_false(is_readable(queue));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(out[i]->key, i);
		queue->ops->finish(queue, out[i], VERDICT_DONE);
	}
	assert_int_equal(queue->ops->drain(queue), 0);
	queue->ops->free(queue);
}

struct putter {
	struct queue *queue;
	int result;
};

static void *put_more(void *arg) {
	struct putter *putter = arg;
	putter->result = putter->queue->ops->put(putter->queue, make_list(4));
	return NULL;
}

static void a_full_queue_waits_until_there_is_room(void **state) {
	(void)state;
	struct putter putter = {.queue = queue_memory_new(5)};
	struct candidate *out[8];
	pthread_t thread;
	assert_int_equal(putter.queue->ops->put(putter.queue, make_list(4)), 0);
	assert_int_equal(pthread_create(&thread, NULL, put_more, &putter), 0);
	size_t taken = 0;
	while (taken < 8)
		taken += putter.queue->ops->take(putter.queue, out + taken, 8 - taken);
	pthread_join(thread, NULL);
	assert_int_equal(putter.result, 0);
	for (int i = 0; i < 8; i++)
		putter.queue->ops->finish(putter.queue, out[i], VERDICT_DONE);
	putter.queue->ops->free(putter.queue);
}

static void stop_ends_a_waiting_put_and_drops_what_waits(void **state) {
	(void)state;
	struct putter putter = {.queue = queue_memory_new(4)};
	struct candidate *out[1];
	pthread_t thread;
	assert_int_equal(putter.queue->ops->put(putter.queue, make_list(4)), 0);
	assert_int_equal(pthread_create(&thread, NULL, put_more, &putter), 0);
	putter.queue->ops->stop(putter.queue);
	pthread_join(thread, NULL);
	assert_int_equal(putter.result, -ECANCELED);
	assert_int_equal(putter.queue->ops->take(putter.queue, out, 1), 0);
	assert_int_equal(putter.queue->ops->drain(putter.queue), -ECANCELED);
	putter.queue->ops->restart(putter.queue);
	assert_int_equal(putter.queue->ops->drain(putter.queue), 0);
	assert_int_equal(putter.queue->ops->put(putter.queue, make_list(1)), 0);
	putter.queue->ops->free(putter.queue);
}

static void a_page_larger_than_the_queue_still_gets_in(void **state) {
	(void)state;
	struct queue *queue = queue_memory_new(2);
	struct candidate *out[5];
	assert_int_equal(queue->ops->put(queue, make_list(5)), 0);
	assert_int_equal(queue->ops->take(queue, out, 5), 5);
	for (int i = 0; i < 5; i++)
		queue->ops->finish(queue, out[i], VERDICT_DONE);
	queue->ops->free(queue);
}

static void sums_what_was_removed_until_it_is_restarted(void **state) {
	(void)state;
	struct queue *queue = queue_memory_new(10);
	struct settled settled;
	struct candidate *out[3];
	assert_int_equal(queue->ops->put(queue, make_list(3)), 0);
	assert_int_equal(queue->ops->take(queue, out, 3), 3);
	for (int i = 0; i < 3; i++) {
		out[i]->removed = 10 + i;
		out[i]->removed_also = i;
		queue->ops->finish(queue, out[i], VERDICT_DONE);
	}
	queue->ops->settled(queue, &settled);
	assert_int_equal(settled.removed, 33);
	assert_int_equal(settled.removed_also, 3);
	queue->ops->restart(queue);
	queue->ops->settled(queue, &settled);
	assert_int_equal(settled.removed, 0);
	queue->ops->free(queue);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_what_was_removed_until_it_is_restarted),
		cmocka_unit_test(gives_what_was_put_in_order),
		cmocka_unit_test(a_full_queue_waits_until_there_is_room),
		cmocka_unit_test(stop_ends_a_waiting_put_and_drops_what_waits),
		cmocka_unit_test(a_page_larger_than_the_queue_still_gets_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
