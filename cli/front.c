// SPDX-License-Identifier: MPL-2.0
// front: what every command does before its own work.
#include "cli/front.h"

#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define AT(field) offsetof(struct front_log, field)

const struct conf_row front_log_rows[FRONT_LOG_ROWS] = {
	{.name = "human-logs",
	 .kind = CONF_FLAG,
	 .offset = AT(human_logs),
	 .help = "logs for people instead of JSON lines"},
	{.name = "verbose",
	 .letter = 'v',
	 .kind = CONF_FLAG,
	 .offset = AT(verbose),
	 .help = "the same as --log-level debug"},
	{.name = "log-level",
	 .kind = CONF_STRING,
	 .offset = AT(log_level),
	 .env = "PYTHON_LOG",
	 .fallback = "info",
	 .meta = "LEVEL",
	 .help = "debug, info, warning or error"},
	{.name = "config",
	 .kind = CONF_STRING,
	 .offset = AT(config),
	 .meta = "FILE",
	 .help = "read options from this INI file too; command line and environment go before it"},
};

int front_fail(int err, const char *error) {
	fprintf(stderr, "purgefleet: %s\n", error);
	return err;
}

int front_exit_status(int err) {
	if (err == 1 || err == 0)
		return EXIT_COMPLETE;
	return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

int front_parse(
	struct conf **out, const struct invocation *invocation, const struct front_command *command
) {
	const struct conf_input input = {
		.argc = invocation->argc,
		.argv = invocation->argv,
		.envp = invocation->envp,
		.file_row = "config",
		.positional = command->positional,
	};
	char error[512];
	char *text;
	int err = conf_parse(
		out, command->groups, command->group_count, &input, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	if (err == 0)
		return 0;
	text = conf_help(command->groups, command->group_count);
	printf("Usage: purgefleet %s\n\n%s\n\n%s",
	       command->usage,
	       command->summary,
	       text == NULL ? "" : text);
	free(text);
	return 1;
}

struct log *front_open_log(const struct front_log *options) {
	enum log_level level;
	struct log *log;

	if (log_level_parse(options->log_level, &level) < 0) {
		fprintf(stderr,
			"purgefleet: '--log-level' wants debug, info, warning or error, not '%s'\n",
			options->log_level);
		return NULL;
	}
	log =
		log_new(STDERR_FILENO,
			options->verbose ? LOG_LEVEL_DEBUG : level,
			options->human_logs || isatty(STDERR_FILENO) == 1);
	if (log == NULL)
		front_fail(-ENOMEM, "out of memory");
	return log;
}

void front_forbid_core_dumps(void) {
	const struct rlimit none = {0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

void front_allow_many_files(void) {
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}
