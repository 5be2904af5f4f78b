// SPDX-License-Identifier: MPL-2.0
// account_conf: what account-server.conf says to the account reaper.
//
// Source: readconf and AccountReaper of Swift 2.38.3. Keys are case-sensitive, the last of two
// equal ones in a file is an error there, the last of several files goes before the others, and
// "%(" begins a look-up.
#include "common/targets/swift/config/account_conf.h"

#include "common/targets/swift/config/conf_dir.h"
#include "common/text/ini_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct account_conf, field)

struct key {
	const char *name;
	// What the target reads itself; or the option of ours that it is.
	size_t offset;
	const char *option;
};

#define NOT_OURS SIZE_MAX

static const struct key keys[] = {
	{.name = "devices", .offset = AT(devices)},
	{.name = "mount_check", .offset = AT(mount_check)},
	{.name = "swift_dir", .offset = AT(swift_dir)},
	{.name = "bind_ip", .offset = AT(bind_ip)},
	{.name = "bind_port", .offset = AT(bind_port)},
	{.name = "delay_reaping", .offset = AT(delay_reaping)},
	{.name = "reap_warn_after", .offset = AT(reap_warn_after)},
	{.name = "concurrency", .offset = NOT_OURS, .option = "inflight"},
	{.name = "conn_timeout", .offset = NOT_OURS, .option = "connect-timeout"},
	{.name = "interval", .offset = NOT_OURS, .option = "purge-interval"},
	{.name = "log_statsd_host", .offset = AT(statsd_host), .option = "metric-host"},
	{.name = "log_statsd_metric_prefix", .offset = AT(statsd_prefix)},
	{.name = "log_statsd_port", .offset = NOT_OURS, .option = "metric-port"},
	{.name = "node_timeout", .offset = NOT_OURS, .option = "request-timeout"},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

struct value {
	char *text; // NULL: it does not say
	size_t file; // number of it
	size_t line;
};

struct reading {
	struct conf_dir files;
	size_t file; // that is being read
	struct value own[KEYS], defaults[KEYS];
	bool has_section;
	bool was_ours; // the line before
};

static int refuse(const struct ini_line *line, const char *fault, char *error, size_t error_bytes) {
	snprintf(error, error_bytes, "%s line %zu: %s", line->path, line->number, fault);
	return -EINVAL;
}

static int set(
	struct value *value,
	size_t file,
	const struct ini_line *line,
	char *error,
	size_t error_bytes
) {
	if (value->text != NULL && value->file == file)
		return refuse(line, "it says so twice: Swift refuses that", error, error_bytes);
	if (strstr(line->value, "%(") != NULL)
		return refuse(
			line, "a value that takes in another one: write it out", error, error_bytes
		);
	free(value->text);
	*value = (struct value){strdup(line->value), file, line->number};
	return value->text == NULL ? -ENOMEM : 0;
}

static int take(void *ctx, const struct ini_line *line, char *error, size_t error_bytes) {
	struct reading *reading = ctx;
	bool is_own = strcmp(line->section, "account-reaper") == 0;
	bool was_ours = reading->was_ours;

	reading->was_ours = false;
	reading->has_section |= is_own;
	if (!is_own && strcmp(line->section, "DEFAULT") != 0)
		return 0;
	if (line->goes_on)
		return was_ours ? refuse(line, "the value must be on one line", error, error_bytes)
				: 0;
	for (size_t i = 0; line->key != NULL && i < KEYS; i++) {
		if (strcmp(line->key, keys[i].name) != 0)
			continue;
		reading->was_ours = true;
		return set(
			is_own ? &reading->own[i] : &reading->defaults[i],
			reading->file,
			line,
			error,
			error_bytes
		);
	}
	return 0;
}

static void forget(struct reading *reading) {
	for (size_t i = 0; i < KEYS; i++) {
		free(reading->own[i].text);
		free(reading->defaults[i].text);
	}
	conf_dir_free(&reading->files);
}

static int list_files(struct reading *reading, const char *path, char *error, size_t error_bytes) {
	int err = conf_dir_list(&reading->files, path);

	if (err == -ENOENT)
		snprintf(error, error_bytes, "%s has no file whose name ends with .conf", path);
	else if (err < 0)
		snprintf(error, error_bytes, "cannot read %s: %s", path, strerror(-err));
	return err;
}

static int read_values(struct reading *reading, const char *path, char *error, size_t error_bytes) {
	int err = list_files(reading, path, error, error_bytes);

	for (size_t i = 0; err == 0 && i < reading->files.count; i++) {
		reading->file = i;
		reading->was_ours = false;
		err = ini_file_read(
			reading->files.paths[i], INI_FILE_OSLO, take, reading, error, error_bytes
		);
	}
	if (err == 0 && !reading->has_section) {
		snprintf(error, error_bytes, "%s has no section [account-reaper]", path);
		err = -EINVAL;
	}
	return err;
}

// The section goes before what holds for all.
static struct value *value_of(struct reading *reading, size_t index) {
	return reading->own[index].text != NULL ? &reading->own[index] : &reading->defaults[index];
}

static char **field(struct account_conf *conf, size_t index) {
	return (char **)(void *)((char *)conf + keys[index].offset);
}

int account_conf_read(struct account_conf *out, const char *path, char *error, size_t error_bytes) {
	struct reading reading = {.has_section = false};
	int err = read_values(&reading, path, error, error_bytes);

	for (size_t i = 0; err == 0 && i < KEYS; i++) {
		if (keys[i].offset == NOT_OURS)
			continue;
		*field(out, i) = value_of(&reading, i)->text;
		value_of(&reading, i)->text = NULL;
	}
	forget(&reading);
	return err;
}

static int read_options(
	const char *path, conf_take_own *take_own, void *ctx, char *error, size_t error_bytes
) {
	struct reading reading = {.has_section = false};
	int err = read_values(&reading, path, error, error_bytes);

	for (size_t i = 0; err == 0 && i < KEYS; i++) {
		const struct value *value = value_of(&reading, i);
		struct conf_place place = {.line = value->line};

		if (keys[i].option == NULL || value->text == NULL)
			continue;
		place.path = reading.files.paths[value->file];
		err = take_own(ctx, keys[i].option, value->text, &place);
	}
	forget(&reading);
	return err;
}

const struct conf_own_file account_conf_file = {
	.row = "account-server-conf",
	.read = read_options,
};

void account_conf_free(struct account_conf *conf) {
	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].offset == NOT_OURS)
			continue;
		free(*field(conf, i));
		*field(conf, i) = NULL;
	}
}
