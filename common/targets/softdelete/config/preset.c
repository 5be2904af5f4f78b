// SPDX-License-Identifier: MPL-2.0
// preset: what an INI file says about a database.
#include "common/targets/softdelete/config/preset.h"

#include "common/targets/softdelete/config/whole_number.h"
#include "common/text/ini_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char run_section[] = "softdelete";

static int refuse(
	const struct ini_line *line,
	char *error,
	size_t error_bytes,
	const char *what,
	const char *word
) {
	snprintf(
		error, error_bytes, "%s line %zu: %s '%.100s'", line->path, line->number, what, word
	);
	return -EINVAL;
}

static int begin_table(
	struct preset *preset, const struct ini_line *line, char *error, size_t error_bytes
) {
	struct table *table = &preset->tables[preset->count];

	if (preset_find(preset, line->section) != NULL)
		return refuse(line, error, error_bytes, "a second section of table", line->section);
	if (preset->count == PRESET_TABLES_MAX)
		return refuse(line, error, error_bytes, "too many tables:", line->section);
	if (line->section[0] == '\0' || strlen(line->section) >= sizeof(table->name))
		return refuse(line, error, error_bytes, "no name of a table:", line->section);
	snprintf(table->name, sizeof(table->name), "%s", line->section);
	table->max_rows = -1;
	preset->count++;
	return 0;
}

// Copies a text; false: it is too long or empty.
static bool take_text(char *out, size_t out_bytes, const char *value) {
	snprintf(out, out_bytes, "%s", value);
	return value[0] != '\0' && strlen(value) < out_bytes;
}

static bool take_limit(int64_t *out, const char *value, int64_t least) {
	return whole_number_read(value, out) == 0 && *out >= least && *out <= INT32_MAX;
}

static bool take_age_kind(struct table *table, const char *value) {
	static const char *const names[] = {
		[AGE_DATETIME] = "datetime", [AGE_MS] = "ms", [AGE_S] = "s"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], value) == 0) {
			table->age_kind = (enum age_kind)i;
			return true;
		}
	}
	return false;
}

static bool take_index(struct table *table, const char *value) {
	if (strcmp(value, "needed") == 0)
		table->index_rule = INDEX_NEEDED;
	else if (strcmp(value, "optional") == 0)
		table->index_rule = INDEX_OPTIONAL;
	else
		table->index_rule = INDEX_NAMED;
	return take_text(table->index, sizeof(table->index), value);
}

// -ENOENT: no such key.
static int take_table_key(struct table *table, const char *key, const char *value) {
	const struct {
		const char *key;
		char *out;
		size_t out_bytes;
	} texts[] = {
		{"key", table->key, sizeof(table->key)},
		{"age", table->age, sizeof(table->age)},
		{"flag", table->flag, sizeof(table->flag)},
		{"flag_deleted", table->flag_deleted, sizeof(table->flag_deleted)},
		{"flag_live", table->flag_live, sizeof(table->flag_live)},
		{"goes_with", table->goes_with, sizeof(table->goes_with)},
		{"note", table->note, sizeof(table->note)},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].key, key) == 0)
			return take_text(texts[i].out, texts[i].out_bytes, value) ? 0 : -EINVAL;
	if (strcmp(key, "age_kind") == 0)
		return take_age_kind(table, value) ? 0 : -EINVAL;
	if (strcmp(key, "index") == 0)
		return take_index(table, value) ? 0 : -EINVAL;
	if (strcmp(key, "max_rows") == 0)
		return take_limit(&table->max_rows, value, -1) ? 0 : -EINVAL;
	return -ENOENT;
}

static int take_run_key(struct preset *preset, const char *key, const char *value) {
	if (strcmp(key, "age_in_days") == 0)
		return take_limit(&preset->age_in_days, value, 0) ? 0 : -EINVAL;
	if (strcmp(key, "max_rows") == 0)
		return take_limit(&preset->max_rows, value, -1) ? 0 : -EINVAL;
	if (strcmp(key, "failure") == 0)
		return take_text(preset->failure, sizeof(preset->failure), value) ? 0 : -EINVAL;
	return -ENOENT;
}

static int take_line(void *ctx, const struct ini_line *line, char *error, size_t error_bytes) {
	struct preset *preset = ctx;
	bool of_run = strcmp(line->section, run_section) == 0;
	int err;

	if (line->key == NULL)
		return of_run ? 0 : begin_table(preset, line, error, error_bytes);
	if (line->section[0] == '\0')
		return refuse(line, error, error_bytes, "no section before the key", line->key);
	if (of_run)
		err = take_run_key(preset, line->key, line->value);
	else
		err = take_table_key(&preset->tables[preset->count - 1], line->key, line->value);
	if (err == -ENOENT)
		return refuse(line, error, error_bytes, "unknown key", line->key);
	return err == -EINVAL ? refuse(line, error, error_bytes, "no good value:", line->value)
			      : err;
}

static const char *fault_of_child(const struct preset *preset, const struct table *table) {
	const struct table *parent = preset_find(preset, table->goes_with);

	if (parent == NULL)
		return "goes with a table that has no section";
	if (parent->goes_with[0] != '\0')
		return "goes with a table that goes with another itself";
	if (table->age[0] != '\0')
		return "goes with another table, so it has no age of its own";
	return NULL;
}

static int check_table(
	const struct preset *preset,
	const struct table *table,
	const char *path,
	char *error,
	size_t error_bytes
) {
	const char *fault = NULL;

	if (table->key[0] == '\0')
		fault = "has no 'key'";
	else if (table->goes_with[0] != '\0')
		fault = fault_of_child(preset, table);
	else if (table->age[0] == '\0')
		fault = "has neither 'age' nor 'goes_with'";
	else if (table->flag_deleted[0] != '\0' && table->flag[0] == '\0')
		fault = "has 'flag_deleted' and no 'flag'";
	else if (table->flag_live[0] != '\0' && table->flag[0] == '\0')
		fault = "has 'flag_live' and no 'flag'";
	else if (table->flag_live[0] != '\0' && table->flag_deleted[0] != '\0')
		fault = "has both 'flag_deleted' and 'flag_live'";
	if (fault == NULL)
		return 0;
	snprintf(error, error_bytes, "%s: table '%s' %s", path, table->name, fault);
	return -EINVAL;
}

int preset_load(struct preset **out, const char *path, char *error, size_t error_bytes) {
	struct preset *preset = calloc(1, sizeof(*preset));
	int err;

	if (preset == NULL)
		return -ENOMEM;
	preset->age_in_days = -1;
	preset->max_rows = -1;
	err = ini_file_read(path, INI_FILE_OWN, take_line, preset, error, error_bytes);
	for (size_t i = 0; i < preset->count && err == 0; i++)
		err = check_table(preset, &preset->tables[i], path, error, error_bytes);
	if (err == 0 && preset->count == 0) {
		snprintf(error, error_bytes, "%s names no table", path);
		err = -EINVAL;
	}
	if (err == 0)
		*out = preset;
	else
		preset_free(preset);
	return err;
}

void preset_free(struct preset *preset) {
	free(preset);
}

const struct table *preset_find(const struct preset *preset, const char *name) {
	for (size_t i = 0; i < preset->count; i++)
		if (strcasecmp(preset->tables[i].name, name) == 0)
			return &preset->tables[i];
	return NULL;
}

const struct table *preset_along(
	const struct preset *preset, const struct table *table, size_t index
) {
	for (size_t i = 0; i < preset->count; i++)
		if (strcasecmp(preset->tables[i].goes_with, table->name) == 0 && index-- == 0)
			return &preset->tables[i];
	return NULL;
}

int preset_path(const char *name, char *path, size_t path_bytes) {
	static const char *const places[] = {"presets", "../share/purgefleet/presets"};
	char program[1024];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	if (len <= 0)
		return -ENOENT;
	program[len] = '\0';
	slash = strrchr(program, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int n = snprintf(path, path_bytes, "%s/%s/%s.conf", program, places[i], name);

		if (n > 0 && (size_t)n < path_bytes && access(path, R_OK) == 0)
			return 0;
	}
	return -ENOENT;
}
