// SPDX-License-Identifier: MPL-2.0
// run_read: reads the options of `run`.
#include "cli/options/run_read.h"

#include "cli/front/front.h"
#include "cli/options/admin_option.h"
#include "cli/options/audit_option.h"
#include "cli/options/option_groups.h"
#include "cli/options/run_options.h"
#include "common/conf/conf.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

#include <errno.h>
#include <stddef.h>

#define HELP_SIGNALS                                                                               \
	"Signals: TERM or INT ends a run cleanly (again: at once), TSTP begins nothing new "       \
	"(Ctrl-Z\n"                                                                                \
	"stops the process as well, once nothing is in work) and CONT goes on, USR1 starts a run " \
	"now,\n"                                                                                   \
	"HUP opens the audit log anew and has limits and log level read again from --config.\n"
#define HELP_STATUS                                                                                \
	"Exit status: 0 complete, or stopped by a signal; 1 failed, or stopped at once; 2 wrong\n" \
	"usage, nothing was touched; "

// What --help says at its end.
static const char *notes(const struct invocation *invocation) {
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

int run_options_read(
	struct conf **out,
	struct run_options *options,
	struct front_log *log,
	void *target_config,
	const struct invocation *invocation
) {
	const struct target *target = invocation->target;
	const struct conf_group groups[] = {
		option_group_target(target, target_config),
		{.title = "run",
		 .rows = run_option_rows,
		 .count = run_option_count,
		 .base = options},
		{.rows = admin_option_rows,
		 .count = invocation->alias == NULL ? ADMIN_OPTION_ROWS : 0,
		 .base = &options->admin},
		option_group_log(log),
	};
	const struct conf_group elsewhere = option_group_kafka(NULL);
	const struct front_command command = {
		.name = "run",
		.summary = target->front->summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.word_hint = target->front->word_hint,
		.elsewhere = &elsewhere,
		.elsewhere_count = 1,
		.notes = notes(invocation),
	};

	int err = run_options_parse(out, options, invocation, &command);

	if (err == 0 && audit_option_is_topic(options->audit_log))
		return front_fail(
			-EINVAL,
			"'--audit-log topic' is for work, which has Kafka; a file of that name is "
			"./topic"
		);
	return err;
}
