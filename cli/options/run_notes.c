// SPDX-License-Identifier: MPL-2.0
// run_notes: what --help of `run` says at its end, of signals and exit status.
#include "cli/options/run_notes.h"

#include "cli/front/command.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

#include <stddef.h>

#define HELP_SIGNALS                                                                               \
	"Signals: TERM or INT ends a run cleanly (again: at once), TSTP begins nothing new "       \
	"(Ctrl-Z\n"                                                                                \
	"stops the process as well, once nothing is in work) and CONT goes on, USR1 starts a run " \
	"now.\n"
#define HELP_STATUS                                                                                \
	"Exit status: 0 complete, or stopped by a signal; 1 failed, or stopped at once; 2 wrong\n" \
	"usage, nothing was touched; "

const char *run_notes(const struct invocation *invocation) {
	const struct target_alias *alias = invocation->alias;

	if (alias != NULL && alias->failures_exit_0)
		return HELP_STATUS
			"rows that failed or were postponed do not\nchange it.\n" HELP_SIGNALS;
	if (invocation->target->front->last_words != NULL)
		return HELP_STATUS
			"3 complete, but some rows failed or were\npostponed (1 where the "
			"preset has words for it, as those for Glance).\n" HELP_SIGNALS;
	return HELP_STATUS "3 complete, but some rows failed or were\npostponed.\n" HELP_SIGNALS;
}
