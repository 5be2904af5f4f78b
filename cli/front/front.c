// SPDX-License-Identifier: MPL-2.0
// front: what every command does before its own work.
#include "cli/front/front.h"
#include "cli/front/vigil.h"
#include "common/conf/conf_help.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/outlet.h"
#include "common/handle.h"
#include "common/metrics/metrics.h"
#include "common/target/target.h"
#include "common/target/target_front.h"
#include "common/target/target_remover.h"
#include "common/target/target_scanner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int front_fail(int err, const char *error) {
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, error);
	return err;
}

int front_exit_status(int err) {
	if (err == 1 || err == 0)
		return EXIT_COMPLETE;
	return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

int front_end(int status) {
	bool is_failed = fflush(stdout) != 0;

	if (!is_failed && !ferror(stdout))
		return status;
	fprintf(stderr,
		"purgefleet: cannot write to standard output%s%s\n",
		is_failed ? ": " : "",
		is_failed ? strerror(errno) : "");
	return EXIT_FAILED;
}

void front_print_version(void) {
	printf("purgefleet %s\n", PURGEFLEET_VERSION);
}

int front_open_log(struct log **out, const struct front_log *options) {
	*out = log_new(
		STDERR_FILENO,
		front_log_level(options),
		options->human_logs || isatty(STDERR_FILENO) == 1
	);
	return *out == NULL ? front_fail(-ENOMEM, "out of memory") : 0;
}

// --- options

static void print_usage(const struct invocation *invocation, const struct front_command *command) {
	const struct target_alias *alias = invocation->alias;

	if (command->usage != NULL)
		printf("Usage: purgefleet %s", command->usage);
	else if (alias != NULL)
		printf("Usage: %s [options]", alias->program);
	else if (invocation->target != NULL)
		printf("Usage: purgefleet %s %s [options]", command->name, invocation->target->name
		);
	if (command->usage == NULL && alias != NULL && alias->usage != NULL)
		printf(" %s", alias->usage);
	else if (command->usage == NULL && alias != NULL && alias->positional != NULL)
		printf(" [%s]", alias->positional);
}

// NULL: this command does not have it.
static const struct conf_row *find_option(const struct front_command *command, const char *name) {
	for (size_t i = 0; i < command->group_count; i++)
		for (size_t row = 0; row < command->groups[i].count; row++)
			if (strcmp(command->groups[i].rows[row].name, name) == 0)
				return &command->groups[i].rows[row];
	return NULL;
}

static const struct conf_preset *presets_of(const struct invocation *invocation) {
	if (invocation->alias != NULL)
		return invocation->alias->presets;
	return invocation->target == NULL ? NULL : invocation->target->front->presets;
}

// What this command has to do with the target, as NEEDS_ bits.
static unsigned what_it_has(const struct target *target, const struct front_command *command) {
	if (target == NULL)
		return 0;
	return (target->calls != NULL && !command->only_scans ? NEEDS_CALLS : 0) |
		(command->only_removes ? 0 : NEEDS_SCAN) |
		(command->only_scans ? 0 : NEEDS_REMOVAL) |
		(target->remover->check != NULL ? NEEDS_CHECK : 0) |
		(target->remover->defer != NULL ? NEEDS_DEFER : 0) |
		(target->remover->batch_max == 0 ? NEEDS_BATCHES : 0) |
		(target->scanner->has_ranges ? NEEDS_RANGES : 0) |
		(target->scanner->has_cursors ? NEEDS_CURSORS : 0) |
		(target->handle_kind == HANDLE_DIR ? NEEDS_DIRECTORY : 0);
}

static void print_help(const struct invocation *invocation, const struct front_command *command) {
	const struct target_alias *alias = invocation->alias;
	char *text = conf_help(
		command->groups,
		command->group_count,
		&(struct conf_facts){
			.has = what_it_has(invocation->target, command),
			.presets = presets_of(invocation),
			.env_of = invocation->env_of,
		}
	);

	print_usage(invocation, command);
	printf("\n\n%s\n\n", command->summary);
	if (alias != NULL && alias->about != NULL)
		printf("%s\n", alias->about);
	printf("%s", text == NULL ? "" : text);
	if (command->notes != NULL)
		printf("\n%s", command->notes);
	free(text);
}

// Those of the target's presets that are for this command; ends with name NULL. The caller frees.
// NULL: out of memory.
static struct conf_preset *pick_presets(
	const struct conf_preset *presets, const struct front_command *command
) {
	struct conf_preset *picked;
	size_t count = 0;

	while (presets != NULL && presets[count].name != NULL)
		count++;
	picked = calloc(count + 1, sizeof(*picked));
	for (size_t i = 0, n = 0; picked != NULL && i < count; i++)
		if (find_option(command, presets[i].name) != NULL)
			picked[n++] = presets[i];
	return picked;
}

// A file of that name is meant, so it has to be there; an empty name: none.
static const char *find_env_file(char *const *envp) {
	static const char name[] = "PURGEFLEET_ENV_FILE=";

	for (; envp != NULL && *envp != NULL; envp++)
		if (strncmp(*envp, name, strlen(name)) == 0)
			return *envp + strlen(name);
	return NULL;
}

static void choose_env_file(const struct invocation *invocation, struct conf_input *out) {
	const struct target *target = invocation->target;
	const char *path = find_env_file(invocation->envp);

	if (target == NULL)
		return;
	out->env_file_may_miss = path == NULL;
	out->env_file = path == NULL ? target->front->env_file : path[0] == '\0' ? NULL : path;
}

int front_parse(
	struct conf **out, const struct invocation *invocation, const struct front_command *command
) {
	const struct target_alias *alias = invocation->alias;
	const struct target *target = invocation->target;
	struct conf_preset *presets = pick_presets(
		target == NULL ? NULL : target->front->presets, command
	);
	struct conf_input input = {
		.argc = invocation->argc,
		.argv = invocation->argv,
		.envp = invocation->envp,
		.env_of = invocation->env_of,
		.file_row = "config",
		.section = invocation->command,
		.sections = invocation->commands,
		.elsewhere = command->elsewhere,
		.elsewhere_count = command->elsewhere_count,
		.own_file = target == NULL ? NULL : target->front->own_file,
		.presets = alias == NULL ? presets : alias->presets,
		.positional = alias == NULL ? command->positional : alias->positional,
		.word_hint = command->word_hint,
		.words = alias == NULL ? command->words : alias->words,
	};
	char error[512] = "out of memory";
	int err = -ENOMEM;

	choose_env_file(invocation, &input);
	if (presets != NULL)
		err = conf_parse(
			out, command->groups, command->group_count, &input, error, sizeof(error)
		);
	free(presets);
	if (err == CONF_HELP)
		print_help(invocation, command);
	if (err == CONF_VERSION)
		front_print_version();
	if (err >= 0)
		return err > 0 ? 1 : 0;
	front_fail(err, error);
	// A file that cannot be read is a wrong word on the command line.
	return err == -ENOMEM ? err : -EINVAL;
}

// --- log and metrics

void front_open_metrics(struct front *front, const char *host, int64_t port) {
	const struct target_front *of_target = front->target->front;
	const char *own = of_target->own_metrics_prefix == NULL
		? NULL
		: of_target->own_metrics_prefix(front->config);
	int err = metrics_open(
		&front->metrics, host, (uint16_t)port, own == NULL ? of_target->metrics_prefix : own
	);

	if (err < 0)
		LOG(front->log,
		    LOG_LEVEL_WARNING,
		    "no metrics are sent: check --metric-host and --metric-port",
		    log_str("host", host),
		    log_str("error", metrics_words(err)));
}

// --- the target

int front_init(struct front *front, const struct invocation *invocation) {
	*front = (struct front){
		.invocation = invocation,
		.target = invocation->target,
		.config = calloc(1, invocation->target->front->config_bytes),
	};
	return front->config == NULL ? -ENOMEM : 0;
}

void front_begin(struct front *front) {
	vigil_close(front->vigil);
	front->vigil = NULL;
}

void front_fini(struct front *front) {
	front_begin(front);
	metrics_close(front->metrics);
	if (front->config != NULL)
		front->target->front->tear_down(front->config);
	free(front->config);
	conf_free(front->conf);
	log_free(front->log);
}

static int check_location(struct front *front, char *error, size_t error_bytes) {
	struct handle *handle = NULL;
	int err = handle_new(
		&handle, front->target->handle_kind, front->location, error, error_bytes
	);

	if (err == 0)
		front->caution = handle_caution(handle);
	handle_free(handle);
	return err;
}

int front_set_up(struct front *front, const struct front_log *options, bool only_scans) {
	char error[512] = "";
	int err = front->target->front->set_up(
		front->config, !only_scans, &front->location, error, sizeof(error)
	);

	if (err == -ERANGE) {
		fprintf(stderr, "%s\n", error);
		return err;
	}
	if (err < 0)
		return front_fail(err, error);
	if (front->target->front->source != NULL)
		front->source = front->target->front->source(front->config);
	err = front_open_log(&front->log, options);
	if (err < 0)
		return err;
	err = check_location(front, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

bool front_is_unfinished(const struct front *front) {
	const struct target_front *of_target = front->target->front;

	return of_target->is_unfinished != NULL && of_target->is_unfinished(front->config);
}

void front_abandon(const struct front *front) {
	const struct target_front *of_target = front->target->front;

	if (of_target->abandon != NULL)
		of_target->abandon(front->config);
}

int front_set_up_look(struct front *front, const struct front_log *options) {
	const struct target_front *of_target = front->target->front;
	char error[512] = "out of memory";
	int err = of_target->set_up_look(front->config, &front->location, error, sizeof(error));

	if (err < 0)
		return front_fail(err, error);
	if (front->location != NULL && of_target->source != NULL)
		front->source = of_target->source(front->config);
	return front_open_log(&front->log, options);
}

int front_read_files(const struct front *front, char *words, size_t words_bytes) {
	const struct target_front *of_target = front->target->front;

	snprintf(words, words_bytes, "out of memory");
	return of_target->read_files == NULL
		? -ENOENT
		: of_target->read_files(front->config, words, words_bytes);
}

int front_watch(struct front *front) {
	char words[FRONT_WORDS_BYTES];
	int err = vigil_open(&front->vigil, front->log);

	if (err < 0)
		return front_fail(err, "cannot listen for signals");
	err = front_read_files(front, words, sizeof(words));
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return front_fail(err, words);
	LOG(front->log, LOG_LEVEL_INFO, words);
	return 0;
}

void front_warn(const struct front *front) {
	const struct target_front *of_target = front->target->front;
	const char *words = of_target->warning == NULL ? NULL : of_target->warning(front->config);

	if (words != NULL)
		LOG(front->log, LOG_LEVEL_WARNING, words);
	if (front->caution != NULL)
		LOG(front->log, LOG_LEVEL_WARNING, front->caution);
}

void front_tell_next(const struct front *front, const char *what, int64_t in_ms) {
	time_t at_s = (time_t)((clock_wall_ms() + in_ms) / 1000);
	char at[32] = "";
	struct tm parts;

	if (gmtime_r(&at_s, &parts) != NULL)
		strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &parts);
	LOG(front->log,
	    LOG_LEVEL_INFO,
	    what,
	    log_str("at", at[0] == '\0' ? NULL : at),
	    log_int("in_s", in_ms / 1000));
}

struct log_field front_log_given(
	const struct front *front, const char *option, const char *key, int64_t number
) {
	return conf_is_set(front->conf, option) ? log_int(key, number) : log_str(key, NULL);
}

bool front_say_last_words(const struct front *front) {
	const struct target_front *of_target = front->target->front;
	const char *words = of_target->last_words == NULL ? NULL
							  : of_target->last_words(front->config);

	if (words != NULL) {
		outlet_say(STDERR_FILENO, words);
		outlet_say(STDERR_FILENO, "\n");
	}
	return words != NULL;
}
