// SPDX-License-Identifier: MPL-2.0
// files: a process that can open no more files.
#include "support/test.h"

#include "support/files.h"

#include <fcntl.h>
#include <unistd.h>

struct rlimit files_leave_none(void) {
	struct rlimit before, none;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC); // the lowest number that is free

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return before;
}

void files_restore(const struct rlimit *limit) {
	assert_int_equal(setrlimit(RLIMIT_NOFILE, limit), 0);
}
