// SPDX-License-Identifier: MPL-2.0
// conf_file: the INI file.
#include "common/conf/conf_file.h"

#include "common/base/whole_file.h"
#include "common/base/words.h"
#include "common/text/ini.h"

#include <errno.h>
#include <string.h>

enum { FILE_BYTES_BOUND = 1024 * 1024 };

struct file_state {
	struct conf *conf;
	const struct words *note;
	const struct conf_input *input;
	const char *path;
	struct ini ini;
	enum conf_source source; // what the section counts as
	bool is_of_another; // command
};

static const struct ini_manner manner = {
	.blanks = " \t\r",
	.section_fault = "a section must end with ']'",
};

static int fail_line(const struct file_state *state, const char *what) {
	return words_say(
		state->note, -EINVAL, "file %s line %zu: %s", state->path, state->ini.line, what
	);
}

static bool is_known(const struct conf_input *input, const char *section) {
	for (size_t i = 0; input->sections != NULL && input->sections[i] != NULL; i++)
		if (strcmp(input->sections[i], section) == 0)
			return true;
	return false;
}

static int read_section(struct file_state *state) {
	const char *section = state->ini.section;
	bool is_own = state->input->section != NULL && strcmp(section, state->input->section) == 0;

	if (!is_own && strcmp(section, "purgefleet") != 0 && !is_known(state->input, section))
		// Passed over, a section that says `dryrun = true` would purge.
		return fail_line(
			state,
			"a section is [purgefleet], for all commands, or the name of one; put the "
			"options there"
		);
	state->source = is_own ? CONF_FROM_SECTION : CONF_FROM_FILE;
	state->is_of_another = !is_own && strcmp(section, "purgefleet") != 0;
	return 0;
}

static bool is_row(const struct conf_row *row, const char *key) {
	size_t len = strlen(key), row_len = strlen(row->name);

	if (row->kind == CONF_PAIRS)
		return len > row_len && conf_name_is(row->name, key, row_len);
	return conf_name_is(row->name, key, len);
}

// Is it of another command? What is in the section of this one is meant for it.
static bool is_elsewhere(const struct file_state *state, const char *key) {
	const struct conf_input *input = state->input;

	if (state->source == CONF_FROM_SECTION)
		return false;
	for (size_t i = 0; i < input->elsewhere_count; i++)
		for (size_t j = 0; j < input->elsewhere[i].count; j++)
			if (is_row(&input->elsewhere[i].rows[j], key))
				return true;
	return false;
}

static int fail_key(const struct file_state *state, const char *key) {
	const char *nearest = conf_slots_nearest(state->conf, key, strlen(key));
	struct conf_shown shown = conf_show(key, strlen(key));

	if (nearest != NULL)
		return words_say(
			state->note,
			-EINVAL,
			"file %s line %zu: unknown key '%s'; did you mean '%s'?",
			state->path,
			state->ini.line,
			shown.text,
			nearest
		);
	return words_say(
		state->note,
		-EINVAL,
		"file %s line %zu: unknown key '%s'; see --help",
		state->path,
		state->ini.line,
		shown.text
	);
}

static int read_value(const struct file_state *state) {
	const char *key = state->ini.key;
	const char *value = state->ini.value;
	struct conf_given given = {
		.source = state->source,
		.where = state->path,
		.where_len = strlen(state->path),
		.line = state->ini.line,
	};
	size_t name_len = 0;

	given.slot = conf_find_pairs(state->conf, key, strlen(key), &name_len);
	if (given.slot != NULL)
		return conf_give_pair(
			state->conf, &given, key + name_len, strlen(key) - name_len, value
		);
	given.slot = conf_find(state->conf, key, strlen(key));
	if (given.slot == NULL)
		return is_elsewhere(state, key) ? 0 : fail_key(state, key);
	if (strcmp(given.slot->row->name, state->input->file_row) == 0)
		return fail_line(state, "a file cannot name another one; put its options here");
	return conf_give(state->conf, &given, value, strlen(value));
}

static int read_lines(struct file_state *state) {
	int err = 0;

	while (err == 0) {
		enum ini_kind kind = ini_next(&state->ini);

		if (kind == INI_END)
			break;
		if (kind == INI_FAULT)
			err = fail_line(state, state->ini.fault);
		else if (kind == INI_SECTION)
			err = read_section(state);
		else if (!state->is_of_another)
			err = read_value(state);
	}
	return err;
}

int conf_file_read(
	struct conf *conf,
	const struct conf_input *input,
	const char *path,
	const struct words *note
) {
	struct file_state state = {
		.conf = conf,
		.note = note,
		.input = input,
		.path = path,
		.source = CONF_FROM_FILE,
	};
	struct whole_file file;
	int err = whole_file_read(&file, path, FILE_BYTES_BOUND);

	if (err == -ENOMEM)
		return err;
	if (err == -EFBIG)
		return words_say(note, -EINVAL, "file %s is too large", path);
	if (err < 0) {
		words_say(note, -EINVAL, "cannot read file %s: %s", path, strerror(-err));
		return err;
	}
	ini_begin(&state.ini, &manner, file.text, file.len);
	err = read_lines(&state);
	whole_file_free(&file);
	return err;
}
