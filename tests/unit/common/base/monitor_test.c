// SPDX-License-Identifier: MPL-2.0
// monitor_test: a mutex and its condition, on the monotonic clock.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/base/monitor.h"

enum { READERS = 3, LONG_MS = 60000, SHORT_MS = 20 };

struct letterbox {
	struct monitor monitor;
	int letters;
	int taken;
};

static void *take_one(void *arg) {
	struct letterbox *box = arg;

	monitor_lock(&box->monitor);
	while (box->letters == 0)
		monitor_wait(&box->monitor);
	box->letters--;
	box->taken++;
	monitor_broadcast(&box->monitor);
	monitor_unlock(&box->monitor);
	return NULL;
}

static void *take_one_in_time(void *arg) {
	struct timespec until = clock_mono_after(LONG_MS);
	struct letterbox *box = arg;

	monitor_lock(&box->monitor);
	while (box->letters == 0 && monitor_wait_until(&box->monitor, &until))
		;
	box->taken += box->letters;
	box->letters = 0;
	monitor_unlock(&box->monitor);
	return NULL;
}

static void a_signal_wakes_one_that_waits(void **state) {
	struct letterbox box = {.letters = 0};
	pthread_t reader;

	(void)state;
	monitor_init(&box.monitor);
	assert_int_equal(pthread_create(&reader, NULL, take_one_in_time, &box), 0);
	monitor_lock(&box.monitor);
	box.letters = 1;
	monitor_signal(&box.monitor);
	monitor_unlock(&box.monitor);
	pthread_join(reader, NULL);
	assert_int_equal(box.taken, 1);
	monitor_fini(&box.monitor);
}

static void a_broadcast_wakes_all_that_wait(void **state) {
	struct letterbox box = {.letters = 0};
	pthread_t readers[READERS];

	(void)state;
	monitor_init(&box.monitor);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, take_one, &box), 0);
	monitor_lock(&box.monitor);
	box.letters = READERS;
	monitor_broadcast(&box.monitor);
	while (box.taken < READERS)
		monitor_wait(&box.monitor);
	monitor_unlock(&box.monitor);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(box.letters, 0);
	monitor_fini(&box.monitor);
}

static void a_wait_ends_when_its_time_has_come(void **state) {
	int64_t begin_ms = clock_mono_ms();
	struct monitor monitor;

	(void)state;
	monitor_init(&monitor);
	monitor_lock(&monitor);
	while (monitor_wait_ms(&monitor, SHORT_MS))
		;
	monitor_unlock(&monitor);
	assert_true(clock_mono_ms() - begin_ms >= SHORT_MS - 1);
	monitor_fini(&monitor);
}

static void a_time_that_was_before_is_not_waited_for(void **state) {
	struct timespec now = clock_mono_after(0);
	struct monitor monitor;

	(void)state;
	monitor_init(&monitor);
	monitor_lock(&monitor);
	assert_false(monitor_wait_until(&monitor, &now));
	monitor_unlock(&monitor);
	monitor_fini(&monitor);
}

struct bell {
	struct monitor monitor;
	bool rings;
};

static void *ring(void *arg) {
	struct bell *bell = arg;

	monitor_lock(&bell->monitor);
	monitor_signal(&bell->monitor); // for nothing
	monitor_unlock(&bell->monitor);
	monitor_lock(&bell->monitor);
	bell->rings = true;
	monitor_signal(&bell->monitor);
	monitor_unlock(&bell->monitor);
	return NULL;
}

static void a_flag_is_waited_for_until_it_is_set(void **state) {
	struct bell bell = {.rings = false};
	pthread_t ringer;

	(void)state;
	monitor_init(&bell.monitor);
	monitor_lock(&bell.monitor);
	assert_int_equal(pthread_create(&ringer, NULL, ring, &bell), 0);
	assert_true(monitor_wait_for(&bell.monitor, &bell.rings, LONG_MS));
	assert_true(monitor_wait_for(&bell.monitor, &bell.rings, LONG_MS)); // it is set
	monitor_unlock(&bell.monitor);
	pthread_join(ringer, NULL);
	monitor_fini(&bell.monitor);
}

static void a_flag_that_nobody_sets_is_waited_for_no_longer_than_was_said(void **state) {
	struct bell bell = {.rings = false};
	int64_t begin_ms = clock_mono_ms();

	(void)state;
	monitor_init(&bell.monitor);
	monitor_lock(&bell.monitor);
	assert_false(monitor_wait_for(&bell.monitor, &bell.rings, SHORT_MS));
	monitor_unlock(&bell.monitor);
	assert_true(clock_mono_ms() - begin_ms >= SHORT_MS - 1);
	monitor_fini(&bell.monitor);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_wakes_one_that_waits),
		cmocka_unit_test(a_broadcast_wakes_all_that_wait),
		cmocka_unit_test(a_wait_ends_when_its_time_has_come),
		cmocka_unit_test(a_time_that_was_before_is_not_waited_for),
		cmocka_unit_test(a_flag_is_waited_for_until_it_is_set),
		cmocka_unit_test(a_flag_that_nobody_sets_is_waited_for_no_longer_than_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
