// SPDX-License-Identifier: MPL-2.0
// conf_file: the INI file.
#include "common/conf/conf_file.h"

#include "common/base/whole_file.h"

#include <errno.h>
#include <string.h>

enum { FILE_BYTES_BOUND = 1024 * 1024 };

struct file_state {
	struct conf *conf;
	const struct conf_note *note;
	const char *file_row;
	const char *path;
	size_t line;
};

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

// Cuts the blanks off both ends, in place.
static char *trim(char *text, size_t len) {
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	text[len] = '\0';
	while (is_blank(*text))
		text++;
	return text;
}

static int fail_line(const struct file_state *state, const char *what) {
	return conf_fail(state->note, "file %s line %zu: %s", state->path, state->line, what);
}

static int read_section(struct file_state *state, char *text) {
	size_t len = strlen(text);

	if (text[len - 1] != ']')
		return fail_line(state, "a section must end with ']'");
	text = trim(text + 1, len - 2);
	if (strcmp(text, "purgefleet") != 0)
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
		return conf_fail(
			state->note,
			"file %s line %zu: unknown key '%s'; did you mean '%s'?",
			state->path,
			state->line,
			shown.text,
			nearest
		);
	return conf_fail(
		state->note,
		"file %s line %zu: unknown key '%s'; see --help",
		state->path,
		state->line,
		shown.text
	);
}

static int read_key(struct file_state *state, char *text) {
	char *equals = strchr(text, '=');
	struct conf_given given = {
		.source = CONF_FROM_FILE,
		.where = state->path,
		.where_len = strlen(state->path),
		.line = state->line,
	};
	size_t name_len = 0;
	char *value;

	if (equals == NULL)
		return fail_line(state, "neither 'key = value', nor '[section]', nor a comment");
	value = trim(equals + 1, strlen(equals + 1));
	text = trim(text, (size_t)(equals - text));
	given.slot = conf_find_pairs(state->conf, text, strlen(text), &name_len);
	if (given.slot != NULL)
		return conf_give_pair(
			state->conf, &given, text + name_len, strlen(text) - name_len, value
		);
	given.slot = conf_find(state->conf, text, strlen(text));
	if (given.slot == NULL)
		return fail_key(state, text);
	if (strcmp(given.slot->row->name, state->file_row) == 0)
		return fail_line(state, "a file cannot name another one; put its options here");
	return conf_give(state->conf, &given, value, strlen(value));
}

static int read_line(struct file_state *state, char *text, size_t len) {
	if (memchr(text, '\0', len) != NULL)
		return fail_line(state, "not text");
	text = trim(text, len);
	if (*text == '\0' || *text == '#' || *text == ';')
		return 0;
	if (*text == '[')
		return read_section(state, text);
	return read_key(state, text);
}

static int read_lines(struct file_state *state, char *bytes, size_t len) {
	// Of UTF-8, as some editors write it.
	static const char mark[] = "\xEF\xBB\xBF";
	char *end = bytes + len;
	int err = 0;

	if (len >= 3 && memcmp(bytes, mark, 3) == 0)
		bytes += 3;
	while (bytes < end && err == 0) {
		char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));

		if (line_end == NULL)
			line_end = end;
		state->line++;
		err = read_line(state, bytes, (size_t)(line_end - bytes));
		bytes = line_end + 1;
	}
	return err;
}

int conf_file_read(
	struct conf *conf, const char *file_row, const char *path, const struct conf_note *note
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
		return conf_fail(note, "file %s is too large", path);
	if (err < 0) {
		conf_fail(note, "cannot read file %s: %s", path, strerror(-err));
		return err;
	}
	err = read_lines(&state, file.text, file.len);
	whole_file_free(&file);
	return err;
}
