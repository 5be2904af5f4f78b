// SPDX-License-Identifier: MPL-2.0
// main: the front door: finds the command and the target, and hands over.
#include "cli/dead.h"
#include "cli/decode.h"
#include "cli/front/command.h"
#include "cli/front/front.h"
#include "cli/front/process.h"
#include "cli/pause.h"
#include "cli/produce.h"
#include "cli/replay.h"
#include "cli/run.h"
#include "cli/status.h"
#include "cli/topics.h"
#include "cli/work.h"
#include "common/conf/conf.h"
#include "common/conf/conf_nearest.h"
#include "common/target/target.h"
#include "common/target/target_front.h"
#include "common/targets/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

// Keep alphabetized.
static const struct command {
	const char *name;
	int (*run)(const struct invocation *invocation);
	const char *summary;
	bool has_no_target;
} commands[] = {
	{.name = "dead", .run = dead_main, .summary = "list, show, put back or drop dead letters"},
	{.name = "decode",
	 .run = decode_main,
	 .summary = "show records as JSON",
	 .has_no_target = true},
	{.name = "pause",
	 .run = pause_main,
	 .summary = "have every produce and work of a target begin nothing new, with Kafka"},
	{.name = "produce",
	 .run = produce_main,
	 .summary = "scan and publish candidates for workers, with Kafka"},
	{.name = "replay",
	 .run = replay_main,
	 .summary = "make, show or drop a replay of what was published"},
	{.name = "resume", .run = resume_main, .summary = "end a pause"},
	{.name = "run", .run = run_main, .summary = "scan and purge in one process, without Kafka"},
	{.name = "status", .run = status_main, .summary = "say how a fleet stands"},
	{.name = "topics",
	 .run = topics_main,
	 .summary = "make the topics of a target, or show them"},
	{.name = "work", .run = work_main, .summary = "take candidates from Kafka and purge them"},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_targets(FILE *out) {
	fprintf(out, "\nTargets:\n");
	for (size_t i = 0; targets[i] != NULL; i++)
		fprintf(out, "  %-12s %s\n", targets[i]->name, targets[i]->front->summary);
}

static void print_help(FILE *out) {
	fprintf(out,
		"Removes obsolete data safely, quickly and with proof.\n\n"
		"Usage: purgefleet COMMAND TARGET [options]\n\nCommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].summary);
	print_targets(out);
	fprintf(out,
		"\n`purgefleet COMMAND TARGET --help` lists the options. `purgefleet --version` "
		"tells the version.\n"
		"Exit status: 0 complete, or stopped by a signal; 3 complete, but some rows failed "
		"or were postponed; 1 "
		"failed; 2 usage; 4 another worker took our --instance-id.\n");
}

static void print_command_help(FILE *out, const struct command *command) {
	fprintf(out,
		"Usage: purgefleet %s TARGET [options]\n\n%s\n",
		command->name,
		command->summary);
	print_targets(out);
	fprintf(out,
		"\n`purgefleet %s TARGET --help` lists the options of a target.\n",
		command->name);
}

static const struct command *find_command(const char *name) {
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *what, const char *word, const char *nearest, const char *remedy) {
	fprintf(stderr, "purgefleet: unknown %s '%s'", what, word);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean '%s'?\n", nearest);
	else
		fprintf(stderr, "; %s\n", remedy);
	return EXIT_USAGE;
}

static int unknown_command(const char *word, const char **names) {
	return unknown("command", word, conf_nearest(word, names), "see purgefleet --help");
}

static int unknown_target(const char *word) {
	const char **names;
	size_t count = 0;
	int status;

	while (targets[count] != NULL)
		count++;
	names = calloc(count + 1, sizeof(*names));
	for (size_t i = 0; names != NULL && i < count; i++)
		names[i] = targets[i]->name;
	status = unknown(
		"target",
		word,
		names == NULL ? NULL : conf_nearest(word, names),
		"see purgefleet --help"
	);
	free(names);
	return status;
}

static bool is_help(const char *word) {
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static bool is_version(const char *word) {
	return strcmp(word, "--version") == 0;
}

static int run_named(
	const struct command *command, const char *const *names, int argc, char **argv
) {
	struct invocation invocation = {
		.envp = environ,
		.env_of = target_env_of,
		.command = command->name,
		.commands = names,
	};

	if (command->has_no_target) {
		invocation.argc = argc;
		invocation.argv = argv;
		return command->run(&invocation);
	}
	if (argc < 1) {
		fprintf(stderr,
			"purgefleet: '%s' needs a target; see purgefleet %s --help\n",
			command->name,
			command->name);
		return EXIT_USAGE;
	}
	if (is_help(argv[0])) {
		print_command_help(stdout, command);
		return EXIT_COMPLETE;
	}
	if (is_version(argv[0])) {
		front_print_version();
		return EXIT_COMPLETE;
	}
	invocation.target = target_find(argv[0]);
	if (invocation.target == NULL)
		return unknown_target(argv[0]);
	invocation.argc = argc - 1;
	invocation.argv = argv + 1;
	return command->run(&invocation);
}

static int dispatch(int argc, char **argv) {
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *names[COMMAND_COUNT + 1] = {0};
	struct invocation as_alias = {
		.argc = argc - 1,
		.argv = argv + 1,
		.envp = environ,
		.env_of = target_env_of,
		.command = "run",
		.commands = names,
	};
	const struct command *command;

	if (argc < 1)
		return EXIT_USAGE;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i].name;
	as_alias.target = target_find_alias(slash == NULL ? argv[0] : slash + 1, &as_alias.alias);
	if (as_alias.target != NULL)
		return run_main(&as_alias);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (is_help(argv[1])) {
		print_help(stdout);
		return EXIT_COMPLETE;
	}
	if (is_version(argv[1])) {
		front_print_version();
		return EXIT_COMPLETE;
	}
	command = find_command(argv[1]);
	return command == NULL ? unknown_command(argv[1], names)
			       : run_named(command, names, argc - 2, argv + 2);
}

int main(int argc, char **argv) {
	process_forbid_core_dumps();
	process_hear_of_closed_pipes();
	return front_end(dispatch(argc, argv));
}
