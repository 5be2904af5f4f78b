// SPDX-License-Identifier: MPL-2.0
// ini: the lines of an INI text, one after the other.
#include "common/text/ini.h"

#include <string.h>

static const char no_assignment[] = "neither 'key = value', nor '[section]', nor a comment";

static enum ini_kind refuse(struct ini *ini, const char *fault) {
	ini->fault = fault;
	return INI_FAULT;
}

// Cuts the blanks off both ends, in place.
static char *trim(const struct ini *ini, char *text) {
	size_t len = strlen(text);

	while (len > 0 && strchr(ini->manner->blanks, text[len - 1]) != NULL)
		text[--len] = '\0';
	return text + strspn(text, ini->manner->blanks);
}

static enum ini_kind read_section(struct ini *ini, char *text) {
	size_t len = strlen(text);

	if (text[len - 1] != ']' || (ini->manner->is_oslo && len < 3))
		return refuse(ini, ini->manner->section_fault);
	text[len - 1] = '\0';
	ini->section = ini->manner->is_oslo ? text + 1 : trim(ini, text + 1);
	return INI_SECTION;
}

// INI_END: the line says nothing.
static enum ini_kind read_own_line(struct ini *ini, char *text) {
	char *start = trim(ini, text);
	char *equals;

	if (*start == '\0' || *start == '#' || *start == ';')
		return INI_END;
	if (*start == '[')
		return read_section(ini, start);
	equals = strchr(start, '=');
	if (equals == NULL)
		return refuse(ini, no_assignment);
	*equals = '\0';
	ini->key = trim(ini, start);
	ini->value = trim(ini, equals + 1);
	return INI_VALUE;
}

static bool is_plain(const char *key) {
	for (; *key != '\0'; key++) {
		if (*key < ' ' || *key > '~')
			return false;
	}
	return true;
}

static enum ini_kind read_oslo_value(struct ini *ini, char *text) {
	size_t len = strcspn(text, "=:");
	char *key;

	if (text[len] == '\0')
		return refuse(ini, no_assignment);
	text[len] = '\0';
	key = trim(ini, text);
	// What looks like a blank in it would be taken off by others.
	if (*key == '\0' || !is_plain(key))
		return refuse(ini, "the key has a character that no key has, or none at all");
	if (ini->section[0] == '\0')
		return refuse(ini, "a value before the first section");
	ini->key = key;
	ini->value = trim(ini, text + len + 1);
	return INI_VALUE;
}

// Others take some of these off at the ends of a line, and some not.
static bool has_control(const char *text) {
	for (; *text != '\0'; text++) {
		if ((*text > 0 && *text < ' ' && *text != '\t') || *text == 0x7F)
			return true;
	}
	return false;
}

static enum ini_kind read_oslo_line(struct ini *ini, char *text) {
	bool is_odd = has_control(text);
	char *start = trim(ini, text);

	if (*start != '\0' && *text != '#' && *text != ';' && is_odd)
		return refuse(ini, "a control character");
	if (*start != '\0' && start != text && strchr(" \t", *text) != NULL) {
		if (ini->key == NULL)
			return refuse(ini, "begins with a blank, but goes on with no value");
		ini->value = start;
		return INI_MORE;
	}
	ini->key = NULL;
	if (*start == '\0' || *start == '#' || *start == ';')
		return INI_END;
	return *start == '[' ? read_section(ini, start) : read_oslo_value(ini, start);
}

static bool is_line_end(const struct ini *ini, char c) {
	return c == '\n' || (c == '\r' && ini->manner->is_oslo);
}

// Cuts the next line off the rest, and says how long it is.
static char *take_line(struct ini *ini, size_t *len) {
	char *line = ini->rest;
	char *end = line;

	while (end < ini->end && !is_line_end(ini, *end))
		end++;
	*len = (size_t)(end - line);
	ini->rest = end < ini->end ? end + 1 : end;
	if (*end == '\r' && *ini->rest == '\n')
		ini->rest++;
	*end = '\0';
	ini->line++;
	return line;
}

void ini_begin(struct ini *ini, const struct ini_manner *manner, char *text, size_t len) {
	// That editors put before UTF-8.
	static const char mark[] = "\xEF\xBB\xBF";
	bool has_mark = strncmp(text, mark, strlen(mark)) == 0;

	*ini = (struct ini){
		.manner = manner,
		.rest = text + (has_mark ? strlen(mark) : 0),
		.end = text + len,
		.section = "",
	};
}

enum ini_kind ini_next(struct ini *ini) {
	enum ini_kind kind = INI_END;

	while (kind == INI_END && ini->rest < ini->end) {
		size_t len;
		char *line = take_line(ini, &len);

		if (memchr(line, '\0', len) != NULL)
			return refuse(ini, "not text");
		kind = ini->manner->is_oslo ? read_oslo_line(ini, line) : read_own_line(ini, line);
	}
	return kind;
}
