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
	const char *file_row;
	const char *path;
	struct ini ini;
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

static int read_section(const struct file_state *state) {
	if (strcmp(state->ini.section, "purgefleet") != 0)
		// Passed over, a section that says `dryrun = true` would purge.
		return fail_line(
			state, "only the section [purgefleet] is read; put the options there"
		);
	return 0;
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
		.source = CONF_FROM_FILE,
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
		return fail_key(state, key);
	if (strcmp(given.slot->row->name, state->file_row) == 0)
		return fail_line(state, "a file cannot name another one; put its options here");
	return conf_give(state->conf, &given, value, strlen(value));
}

static int read_lines(struct file_state *state) {
	int err = 0;

	while (err == 0) {
		enum ini_kind kind = ini_next(&state->ini);

		if (kind == INI_END)
			break;
		err = kind == INI_FAULT       ? fail_line(state, state->ini.fault)
			: kind == INI_SECTION ? read_section(state)
					      : read_value(state);
	}
	return err;
}

int conf_file_read(
	struct conf *conf, const char *file_row, const char *path, const struct words *note
) {
	struct file_state state = {
		.conf = conf,
		.note = note,
		.file_row = file_row,
		.path = path,
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
