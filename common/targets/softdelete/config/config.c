// SPDX-License-Identifier: MPL-2.0
// config: what an operator may say about a purge of soft-deleted rows.
#include "common/targets/softdelete/config/config.h"

#include "common/base/clock.h"
#include "common/db/url/db_url.h"
#include "common/db/url/db_url_query.h"
#include "common/targets/softdelete/config/connection.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/config/whole_number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

// --- the preset

// The program that is replaced has its commands behind the word `db`.
static void say_command(const struct softdelete_config *config, char *error, size_t error_bytes) {
	const char *words[] = {config->age_word, config->max_word, config->surplus_word};
	size_t len;

	if (config->command == NULL || strcmp(config->command, "db") != 0) {
		snprintf(
			error,
			error_bytes,
			"%s%.100s%s: give one of the commands purge and purge_images_table",
			config->command == NULL ? "what to purge is missing" : "unknown command '",
			config->command == NULL ? "" : config->command,
			config->command == NULL ? "" : "'"
		);
		return;
	}
	if (words[0] == NULL)
		words[0] = "purge";
	snprintf(error, error_bytes, "leave out the word db: purge_glance");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && words[i] != NULL; i++) {
		len = strlen(error);
		snprintf(error + len, error_bytes - len, " %.40s", words[i]);
	}
}

static int choose_preset(
	struct softdelete_config *config, const char **name, char *error, size_t error_bytes
) {
	static const struct {
		const char *command;
		const char *preset;
	} commands[] = {
		{"purge", "glance"},
		{"purge_images_table", "glance-images"},
	};

	*name = config->preset_name;
	for (size_t i = 0; config->command != NULL && i < sizeof(commands) / sizeof(commands[0]);
	     i++)
		if (strcmp(config->command, commands[i].command) == 0)
			*name = commands[i].preset;
	if (config->takes_words && (*name == NULL || *name == config->preset_name)) {
		say_command(config, error, error_bytes);
		return -EINVAL;
	}
	if (*name != NULL && (*name)[0] != '\0')
		return 0;
	snprintf(
		error,
		error_bytes,
		"what to purge is missing: give --preset glance, glance-images or a file of your "
		"own"
	);
	return -EINVAL;
}

static int load_preset(struct softdelete_config *config, char *error, size_t error_bytes) {
	const char *name;
	char path[2048];
	bool is_file;
	int err = choose_preset(config, &name, error, error_bytes);

	if (err < 0)
		return err;
	is_file = strchr(name, '/') != NULL || strchr(name, '.') != NULL;
	if (!is_file && preset_path(name, path, sizeof(path)) < 0) {
		snprintf(
			error,
			error_bytes,
			"there is no preset '%.100s': give --preset glance, glance-images or a "
			"file (with its path)",
			name
		);
		return -EINVAL;
	}
	err = preset_load(&config->preset, is_file ? name : path, error, error_bytes);
	return err < 0 && err != -ENOMEM ? -EINVAL : err;
}

// --- the numbers

static int check_option(const char *option, const char *text, char *error, size_t error_bytes) {
	int64_t value;

	if (text == NULL || whole_number_read(text, &value) == 0)
		return 0;
	snprintf(error, error_bytes, "'--%s' wants a whole number, not '%.100s'", option, text);
	return -EINVAL;
}

// An option goes before the preset.
static int take_number(
	const char *name,
	const char *word,
	const char *option,
	int64_t *value,
	char *error,
	size_t error_bytes
) {
	const char *text = word != NULL ? word : option;

	if (word != NULL && option != NULL) {
		snprintf(
			error,
			error_bytes,
			"%s is given twice, as a word (%.40s) and as an option (%.40s)",
			name,
			word,
			option
		);
		return -ERANGE;
	}
	if (text == NULL || whole_number_read(text, value) == 0)
		return 0;
	snprintf(error, error_bytes, "Invalid int value for %s: %.100s", name, text);
	return -ERANGE;
}

// In the order of the program that is replaced, and in its words.
static const char *fault_of_numbers(const struct softdelete_config *config) {
	int64_t now_s = clock_wall_ms() / 1000;

	if (config->age_in_days < 0)
		return "Must supply a non-negative value for age.";
	if (config->age_in_days >= (now_s + DAY_S - 1) / DAY_S)
		return "Maximal age is count of days since epoch.";
	if (config->max_rows < -1)
		return "Minimal rows limit is -1.";
	if (config->max_rows > INT32_MAX)
		return "'max_rows' value out of range, must not exceed 2147483647.";
	return NULL;
}

static int read_numbers(struct softdelete_config *config, char *error, size_t error_bytes) {
	const char *fault;
	int err;

	config->age_in_days = config->preset->age_in_days;
	config->max_rows = config->preset->max_rows;
	if (config->surplus_word != NULL) {
		snprintf(
			error,
			error_bytes,
			"one word too many: '%.100s' behind age_in_days and max_rows",
			config->surplus_word
		);
		return -ERANGE;
	}
	err = take_number(
		"age_in_days",
		config->age_word,
		config->age_option,
		&config->age_in_days,
		error,
		error_bytes
	);
	if (err == 0)
		err = take_number(
			"max_rows",
			config->max_word,
			config->max_option,
			&config->max_rows,
			error,
			error_bytes
		);
	if (err < 0)
		return err;
	if (config->age_in_days == -1 && config->age_word == NULL && config->age_option == NULL) {
		snprintf(error, error_bytes, "the age is missing: give --age-in-days DAYS");
		return -EINVAL;
	}
	fault = fault_of_numbers(config);
	if (fault != NULL)
		snprintf(error, error_bytes, "%s", fault);
	return fault == NULL ? 0 : -ERANGE;
}

// --- the database

static bool is_given(const char *text) {
	return text != NULL && text[0] != '\0';
}

// Which of the two variables is meant when nothing else is said?
static bool is_torn(const struct softdelete_config *config) {
	const char *ours = getenv("PURGEFLEET_DATABASE_URL");
	const char *other = getenv(CONNECTION_VARIABLE);

	return ours != NULL && other != NULL && strcmp(ours, other) != 0 &&
		strcmp(ours, config->database_url) == 0;
}

static bool reads_service(const struct softdelete_config *config) {
	return config->config_files.count > 0 || config->looks_for_glance ||
		getenv(CONNECTION_VARIABLE) != NULL;
}

static int find_database(struct softdelete_config *config, char *error, size_t error_bytes) {
	if (!is_given(config->database_url) && reads_service(config))
		return connection_read(
			&config->connection,
			&config->config_files,
			config->looks_for_glance,
			error,
			error_bytes
		);
	if (is_given(config->database_url) && !is_torn(config))
		return 0;
	snprintf(
		error,
		error_bytes,
		"%s",
		is_given(config->database_url)
			? "the variables PURGEFLEET_DATABASE_URL and " CONNECTION_VARIABLE
			  " name different databases: unset one, or give --database-url URL"
			: "the database is missing: give --database-url URL, the variable "
			  "PURGEFLEET_DATABASE_URL, or --config-file FILE"
	);
	return -EINVAL;
}

static int read_database(
	struct softdelete_config *config, const char **location, char *error, size_t error_bytes
) {
	int err = find_database(config, error, error_bytes);
	bool is_read = config->connection.url != NULL;
	char *text = is_read ? config->connection.url : config->database_url;
	struct db_url *url = NULL;
	char why[448] = "";

	if (err < 0)
		return err;
	*location = text;
	err = db_url_ignore(
		text,
		config->ignored_parameters.items,
		config->ignored_parameters.count,
		why,
		sizeof(why)
	);
	if (err == 0)
		err = db_url_parse(&url, text, why, sizeof(why));
	db_url_free(url);
	if (err == -EINVAL)
		snprintf(
			error,
			error_bytes,
			"%s: %s",
			is_read ? config->connection.source
				: "--database-url or PURGEFLEET_DATABASE_URL",
			why
		);
	return err;
}

int softdelete_config_set_up(
	struct softdelete_config *config, const char **location, char *error, size_t error_bytes
) {
	int err = check_option("age-in-days", config->age_option, error, error_bytes);

	if (err == 0)
		err = check_option("max-rows", config->max_option, error, error_bytes);
	if (err == 0)
		err = load_preset(config, error, error_bytes);
	if (err == 0)
		err = read_numbers(config, error, error_bytes);
	return err < 0 ? err : read_database(config, location, error, error_bytes);
}

bool softdelete_config_names_database(const struct softdelete_config *config) {
	return is_given(config->database_url) || reads_service(config);
}

int softdelete_config_set_up_look(
	struct softdelete_config *config, const char **location, char *error, size_t error_bytes
) {
	int err = load_preset(config, error, error_bytes);

	*location = NULL;
	if (err < 0 || !softdelete_config_names_database(config))
		return err;
	return read_database(config, location, error, error_bytes);
}

void softdelete_config_tear_down(struct softdelete_config *config) {
	preset_free(config->preset);
	config->preset = NULL;
	connection_fini(&config->connection);
}

int64_t softdelete_config_limit(const struct softdelete_config *config, const struct table *table) {
	if (config->max_rows < 0)
		return table->max_rows;
	return table->max_rows >= 0 && table->max_rows < config->max_rows ? table->max_rows
									  : config->max_rows;
}
