// SPDX-License-Identifier: MPL-2.0
// wake_test: a file descriptor that makes a loop look up.
#include "support/test.h"

#include "common/base/wake.h"

#include <poll.h>
#include <unistd.h>

static int is_readable(int fd) {
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0);
}

static void is_readable_from_a_ring_until_it_is_cleared(void **state) {
	int fd = wake_open();

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(is_readable(fd), 0);
	wake_ring(fd);
	wake_ring(fd);
	assert_int_equal(is_readable(fd), 1);
	wake_clear(fd);
	assert_int_equal(is_readable(fd), 0);
	wake_clear(fd); // does not wait
	assert_int_equal(write(fd, &wake_word, sizeof(wake_word)), sizeof(wake_word));
	assert_int_equal(is_readable(fd), 1);
	close(fd);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_readable_from_a_ring_until_it_is_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
