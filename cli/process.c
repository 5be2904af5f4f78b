// SPDX-License-Identifier: MPL-2.0
// process: what the operating system is asked for.
#include "cli/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void process_forbid_core_dumps(void) {
	const struct rlimit none = {0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

void process_allow_many_files(void) {
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}
