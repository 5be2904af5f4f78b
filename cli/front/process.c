// SPDX-License-Identifier: MPL-2.0
// process: what the operating system is asked for.
#include "cli/front/process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void process_forbid_core_dumps(void) {
	const struct rlimit none = {0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

void process_hear_of_closed_pipes(void) {
	signal(SIGPIPE, SIG_IGN);
}

void process_allow_many_files(void) {
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int64_t process_files_for_nodes(void) {
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == RLIM_INFINITY ||
	    files.rlim_cur > INT32_MAX)
		return INT32_MAX;
	return files.rlim_cur > PROCESS_FILES_RESERVED
		? (int64_t)files.rlim_cur - PROCESS_FILES_RESERVED
		: 0;
}
