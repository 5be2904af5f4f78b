// SPDX-License-Identifier: MPL-2.0
// env_file: the lines of a file of environment variables, one after the other.
#include "common/text/env_file.h"

#include <stdbool.h>
#include <string.h>

static const char blanks[] = " \t";
static const char no_expansion
	[] = "nothing is expanded here: put the value with its $ or ` between single quotes";

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

static bool is_letter(char c) {
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_name(const char *text) {
	if (!is_letter(*text))
		return false;
	while (is_letter(*text) || (*text >= '0' && *text <= '9'))
		text++;
	return *text == '\0';
}

// Cuts the blanks off both ends, in place.
static char *trim(char *text) {
	size_t len = strlen(text);

	while (len > 0 && is_blank(text[len - 1]))
		text[--len] = '\0';
	return text + strspn(text, blanks);
}

static enum env_file_kind say(struct env_file *file, enum env_file_kind kind, const char *fault) {
	file->fault = fault;
	return kind;
}

// Behind the quote that ends it.
static enum env_file_kind end_quoted(struct env_file *file, const char *behind) {
	if (*behind != '\0')
		return say(
			file,
			ENV_FILE_ODD,
			"something stands behind the closing quote: put quotes around the whole "
			"value"
		);
	return ENV_FILE_VALUE;
}

static enum env_file_kind read_single(struct env_file *file, char *text) {
	char *end = strchr(text, '\'');

	if (end == NULL)
		return say(file, ENV_FILE_FAULT, "the closing quote is missing in this line");
	*end = '\0';
	file->value = text;
	return end_quoted(file, end + 1);
}

static enum env_file_kind read_double(struct env_file *file, char *text) {
	bool is_expanded = false;
	char *out = text;
	char *in = text;

	for (; *in != '\0' && *in != '"'; in++) {
		if (*in == '\\' && in[1] != '\0' && strchr("\"\\`$", in[1]) != NULL)
			in++;
		else if (*in == '$' || *in == '`')
			is_expanded = true;
		*out++ = *in;
	}
	if (*in == '\0')
		return say(file, ENV_FILE_FAULT, "the closing quote is missing in this line");
	*out = '\0';
	file->value = text;
	return is_expanded ? say(file, ENV_FILE_ODD, no_expansion) : end_quoted(file, in + 1);
}

// Does a comment begin in it, for a shell?
static bool has_comment(const char *text) {
	for (const char *at = text; (at = strchr(at, '#')) != NULL; at++)
		if (at > text && is_blank(at[-1]))
			return true;
	return false;
}

static enum env_file_kind read_plain(struct env_file *file, const char *text) {
	file->value = text;
	if (strpbrk(text, "$`") != NULL)
		return say(file, ENV_FILE_ODD, no_expansion);
	if (strpbrk(text, "'\"\\") != NULL || has_comment(text))
		return say(
			file,
			ENV_FILE_ODD,
			"a quote, a backslash or a # behind a blank: put single quotes around the "
			"whole value"
		);
	return ENV_FILE_VALUE;
}

static enum env_file_kind read_value(struct env_file *file, char *text) {
	if (*text == '\'')
		return read_single(file, text + 1);
	return *text == '"' ? read_double(file, text + 1) : read_plain(file, text);
}

// ENV_FILE_END: the line says nothing.
static enum env_file_kind read_line(struct env_file *file, char *text) {
	static const char word[] = "export";
	size_t word_len = sizeof(word) - 1;
	char *start = trim(text);
	char *equals;

	if (*start == '\0' || *start == '#' || *start == ';')
		return ENV_FILE_END;
	if (strncmp(start, word, word_len) == 0 && is_blank(start[word_len]))
		start = trim(start + word_len);
	equals = strchr(start, '=');
	if (equals == NULL)
		return say(file, ENV_FILE_FAULT, "neither NAME=VALUE nor a comment");
	*equals = '\0';
	file->name = trim(start);
	if (!is_name(file->name))
		return say(
			file,
			ENV_FILE_FAULT,
			"a name has letters, digits and _, and begins with no digit"
		);
	return read_value(file, trim(equals + 1));
}

// Cuts the next line off the rest, and says how long it is.
static char *take_line(struct env_file *file, size_t *len) {
	char *line = file->rest;
	char *end = memchr(line, '\n', (size_t)(file->end - line));

	if (end == NULL)
		end = file->end;
	file->rest = end < file->end ? end + 1 : end;
	if (end > line && end[-1] == '\r')
		end--;
	*end = '\0';
	*len = (size_t)(end - line);
	file->line++;
	return line;
}

void env_file_begin(struct env_file *file, char *text, size_t len) {
	// That editors put before UTF-8.
	static const char mark[] = "\xEF\xBB\xBF";
	bool has_mark = strncmp(text, mark, strlen(mark)) == 0;

	*file = (struct env_file){
		.rest = text + (has_mark ? strlen(mark) : 0),
		.end = text + len,
	};
}

enum env_file_kind env_file_next(struct env_file *file) {
	enum env_file_kind kind = ENV_FILE_END;

	while (kind == ENV_FILE_END && file->rest < file->end) {
		size_t len;
		char *line = take_line(file, &len);

		file->name = file->value = file->fault = NULL;
		if (memchr(line, '\0', len) != NULL)
			return say(file, ENV_FILE_FAULT, "not text");
		kind = read_line(file, line);
	}
	return kind;
}
