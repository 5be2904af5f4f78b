// SPDX-License-Identifier: MPL-2.0
// outlet_test: a reader that does not read is waited for only so long.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/base/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIPE_BYTES = 2 * PIPE_BUF, TEXT_BYTES = 4 * PIPE_BUF, MOST_MS = 5000 };

// Two ends, of which nobody reads the one at [0] unless the test does.
struct ends {
	int fds[2];
	struct outlet outlet;
	char text[TEXT_BYTES];
	char read[1024 * 1024];
};

static int ends_open(void **state) {
	struct ends *ends = calloc(1, sizeof(*ends));

	assert_non_null(ends);
	memset(ends->text, 'x', sizeof(ends->text));
	for (size_t i = 1; i <= TEXT_BYTES; i += 125)
		ends->text[TEXT_BYTES - i] = '\n';
	*state = ends;
	return 0;
}

static int open_pipe(void **state) {
	struct ends *ends;

	ends_open(state);
	ends = *state;
	assert_int_equal(pipe(ends->fds), 0);
	assert_true(fcntl(ends->fds[1], F_SETPIPE_SZ, PIPE_BYTES) > 0);
	outlet_init(&ends->outlet, ends->fds[1]);
	return 0;
}

static int open_socket(void **state) {
	struct ends *ends;

	ends_open(state);
	ends = *state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends->fds), 0);
	outlet_init(&ends->outlet, ends->fds[1]);
	return 0;
}

static int open_terminal(void **state) {
	struct ends *ends;

	ends_open(state);
	ends = *state;
	ends->fds[0] = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(ends->fds[0] >= 0);
	assert_int_equal(grantpt(ends->fds[0]) | unlockpt(ends->fds[0]), 0);
	ends->fds[1] = open(ptsname(ends->fds[0]), O_RDWR | O_NOCTTY);
	assert_true(ends->fds[1] >= 0);
	outlet_init(&ends->outlet, ends->fds[1]);
	return 0;
}

static int ends_close(void **state) {
	struct ends *ends = *state;

	close(ends->fds[0]);
	close(ends->fds[1]);
	free(ends);
	return 0;
}

static int write_text(struct ends *ends, size_t len, int64_t wait_ms) {
	return outlet_write(&ends->outlet, ends->text + TEXT_BYTES - len, len, &wait_ms);
}

// Until nothing more fits.
static void fill(struct ends *ends, int64_t wait_ms) {
	while (write_text(ends, 1000, wait_ms) == 0) {
	}
}

// How many bytes are there; they are in ends->read.
static size_t read_all(struct ends *ends) {
	size_t len = 0;
	ssize_t n = 1;

	assert_int_equal(fcntl(ends->fds[0], F_SETFL, O_NONBLOCK), 0);
	while (n > 0 && len < sizeof(ends->read)) {
		n = read(ends->fds[0], ends->read + len, sizeof(ends->read) - len);
		len += n > 0 ? (size_t)n : 0;
	}
	return len;
}

// Texts of any length, so that what is left of the room is of any length too.
static void nobody_who_does_not_read_is_waited_for(void **state) {
	struct ends *ends = *state;
	int64_t began_ms = clock_mono_ms();
	size_t len = 1;
	int err = 0;

	for (int i = 0; err == 0 && i < 100000; i++) {
		len = len * 7 % 1009 + 1;
		err = write_text(ends, len, 0);
	}
	assert_int_equal(err, -EAGAIN);
	// A terminal takes its time to swallow.
	fill(ends, 100);
	assert_int_equal(write_text(ends, 1, 0), -EAGAIN);
	assert_int_equal(write_text(ends, TEXT_BYTES, 0), -EAGAIN);
	assert_true(clock_mono_ms() - began_ms < MOST_MS);
}

// A line feed becomes two bytes on a terminal, for which there may be no room although there was
// for the line.
static void a_line_feed_alone_does_not_block(void **state) {
	struct ends *ends = *state;

	for (int i = 0; i < 4000; i++)
		(void)write_text(ends, 126, 0);
	while (write_text(ends, 126, 100) == 0) {
	}
}

static void waits_no_longer_than_it_may(void **state) {
	struct ends *ends = *state;
	int64_t wait_ms = 200;
	int64_t began_ms;

	// A terminal takes its time to swallow.
	fill(ends, 100);
	began_ms = clock_mono_ms();
	assert_int_equal(outlet_write(&ends->outlet, "y\n", 2, &wait_ms), -EAGAIN);
	assert_int_equal(wait_ms, 0);
	assert_int_in_range(clock_mono_ms() - began_ms, 200, MOST_MS);
}

static void what_is_taken_at_once_costs_no_waiting(void **state) {
	struct ends *ends = *state;
	int64_t wait_ms = 1000;

	assert_int_equal(outlet_write(&ends->outlet, "one\n", 4, &wait_ms), 0);
	assert_true(wait_ms > 900);
}

static void after_a_torn_text_the_next_begins_a_line(void **state) {
	struct ends *ends = *state;

	assert_int_equal(write_text(ends, TEXT_BYTES, 0), -EAGAIN);
	assert_int_equal(read_all(ends), PIPE_BYTES);
	assert_int_equal(write_text(ends, 3, 0), 0);
	assert_int_equal(read_all(ends), 4);
	assert_memory_equal(ends->read, "\nxx\n", 4);
	assert_int_equal(write_text(ends, 3, 0), 0);
	assert_int_equal(read_all(ends), 3);
}

static void *read_slowly(void *ctx) {
	struct ends *ends = ctx;
	size_t len = 0;

	while (len < TEXT_BYTES) {
		ssize_t n = read(ends->fds[0], ends->read + len, 1000);

		assert_true(n > 0);
		len += (size_t)n;
	}
	return NULL;
}

static void a_reader_who_reads_gets_all_of_it(void **state) {
	struct ends *ends = *state;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, read_slowly, ends), 0);
	assert_int_equal(write_text(ends, TEXT_BYTES, MOST_MS), 0);
	pthread_join(thread, NULL);
	assert_memory_equal(ends->read, ends->text, TEXT_BYTES);
}

static void the_flags_of_the_descriptor_are_left_alone(void **state) {
	struct ends *ends = *state;
	int flags = fcntl(ends->fds[1], F_GETFL);

	fill(ends, 0);
	assert_int_equal(fcntl(ends->fds[1], F_GETFL), flags);
}

static void a_descriptor_that_is_none_is_told(void **state) {
	struct outlet outlet;
	int64_t wait_ms = 1000;

	(void)state;
	outlet_init(&outlet, -1);
	assert_int_equal(outlet_write(&outlet, "x", 1, &wait_ms), -EBADF);
	assert_true(wait_ms > 900);
}

#define TEST(test, open) cmocka_unit_test_setup_teardown(test, open, ends_close)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(nobody_who_does_not_read_is_waited_for, open_pipe),
		TEST(nobody_who_does_not_read_is_waited_for, open_socket),
		TEST(nobody_who_does_not_read_is_waited_for, open_terminal),
		TEST(a_line_feed_alone_does_not_block, open_terminal),
		TEST(waits_no_longer_than_it_may, open_pipe),
		TEST(waits_no_longer_than_it_may, open_socket),
		TEST(waits_no_longer_than_it_may, open_terminal),
		TEST(what_is_taken_at_once_costs_no_waiting, open_pipe),
		TEST(after_a_torn_text_the_next_begins_a_line, open_pipe),
		TEST(a_reader_who_reads_gets_all_of_it, open_pipe),
		TEST(a_reader_who_reads_gets_all_of_it, open_socket),
		TEST(the_flags_of_the_descriptor_are_left_alone, open_pipe),
		cmocka_unit_test(a_descriptor_that_is_none_is_told),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
