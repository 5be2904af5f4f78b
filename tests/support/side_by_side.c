// SPDX-License-Identifier: MPL-2.0
// side_by_side: a group of tests in several processes.
#include "support/side_by_side.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHARES = 8 };

// Every eighth test.
static int run_share(const struct CMUnitTest *tests, size_t count, size_t first) {
	struct CMUnitTest *share = calloc(count, sizeof(*share));
	size_t taken = 0;
	int failed;

	if (share == NULL)
		return 1;
	for (size_t i = first; i < count; i += SHARES)
		share[taken++] = tests[i];
	failed = _cmocka_run_group_tests("side by side", share, taken, NULL, NULL);
	free(share);
	return failed;
}

static int wait_share(pid_t pid) {
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

int side_by_side_run(const struct CMUnitTest *tests, size_t count) {
	pid_t pids[SHARES];
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < SHARES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			exit(run_share(tests, count, i));
	}
	for (size_t i = 0; i < SHARES; i++)
		failed += wait_share(pids[i]);
	return failed;
}
