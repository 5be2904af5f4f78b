// SPDX-License-Identifier: MPL-2.0
// hold_list: users of whom nothing may be purged, as a file names them.
#include "common/targets/tokenserver/hold_list.h"

#include "common/base/utf8.h"
#include "common/base/whole_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_BYTES_BOUND = 16 * 1024 * 1024,
	// The column users.email has 255 characters.
	LINE_BYTES_MAX = 4 * 255,
	FXA_UID_BYTES = 32,
};

struct users { // zeroed: none
	struct whole_file file; // the names are in it
	const char **names; // ascending, each once
	size_t count;
	bool has_comment;
	int64_t stamp_ns; // of the file
};

struct hold_list {
	pthread_mutex_t lock; // of what follows
	struct users users;
};

// --- lines

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

// Spaces and marks that nobody sees would keep a name from being found.
static bool is_visible(uint32_t rune) {
	return rune > ' ' && !(rune >= 0x7f && rune <= 0xa0) && rune != 0xad &&
		!(rune >= 0x2000 && rune <= 0x200f) && !(rune >= 0x2028 && rune <= 0x202f) &&
		!(rune >= 0x205f && rune <= 0x206f) && rune != 0x3000 && rune != 0xfeff;
}

static bool is_text(const char *line, size_t len) {
	uint32_t rune = 0;
	size_t width;

	for (size_t i = 0; i < len; i += width) {
		width = utf8_read(line + i, len - i, &rune);
		if (width == 0 || !(is_visible(rune) || rune == ' '))
			return false;
	}
	return true;
}

static size_t count_of(const char *line, size_t len, const char *chars) {
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += strchr(chars, line[i]) != NULL;
	return count;
}

// What is wrong with a line that is neither empty nor a comment; NULL: nothing.
static const char *find_fault(const char *line, size_t len) {
	size_t ats;

	if (!is_text(line, len))
		return "is not text (UTF-8) that can be seen";
	if (len > LINE_BYTES_MAX)
		return "is too long for an e-mail address";
	ats = count_of(line, len, "@");
	if (count_of(line, len, " ,;:=/<>()[]{}\"") > 0 || line[0] == '\'')
		return "wants one e-mail address or fxa_uid alone; a comment has a line of its own";
	if (ats > 1 || line[0] == '@' || line[len - 1] == '@')
		return "is no e-mail address";
	if (ats == 0 && count_of(line, len, "0123456789") == len && len < FXA_UID_BYTES)
		return "is a number; it is users that are on hold, by e-mail address or fxa_uid, "
		       "not rows by their uid";
	if (ats == 0 &&
	    (len != FXA_UID_BYTES || count_of(line, len, "0123456789abcdefABCDEF") != len))
		return "is neither an e-mail address nor an fxa_uid of 32 hex digits";
	return NULL;
}

static char fold(char c) {
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	return c;
}

// Makes the name of a line, in its place.
static const char *make_name(char *line, size_t len) {
	size_t end = 0;

	for (; end < len && line[end] != '@'; end++)
		line[end] = fold(line[end]);
	line[end] = '\0';
	return line;
}

static int add_name(struct users *users, const char *name) {
	size_t count = users->count;
	const char **names = users->names;

	if ((count & (count - 1)) == 0) {
		names = realloc(names, (count == 0 ? 1 : 2 * count) * sizeof(*names));
		if (names == NULL)
			return -ENOMEM;
		users->names = names;
	}
	names[users->count++] = name;
	return 0;
}

// --- a file of them

static int compare_names(const void *left, const void *right) {
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void sort(struct users *users) {
	size_t kept = 0;

	if (users->count == 0)
		return;
	qsort(users->names, users->count, sizeof(*users->names), compare_names);
	for (size_t i = 0; i < users->count; i++)
		if (kept == 0 || strcmp(users->names[kept - 1], users->names[i]) != 0)
			users->names[kept++] = users->names[i];
	users->count = kept;
}

static bool are_same(const struct users *users, const struct users *others) {
	for (size_t i = 0; i < users->count && i < others->count; i++)
		if (strcmp(users->names[i], others->names[i]) != 0)
			return false;
	return users->count == others->count;
}

// Without the blanks around it.
static void trim(char **line, size_t *len) {
	while (*len > 0 && is_blank((*line)[*len - 1]))
		--*len;
	for (; *len > 0 && is_blank(**line); ++*line)
		--*len;
}

// The number-th line (1 is the first). 0, -ENOMEM, or -EINVAL with words.
static int take_line(
	struct users *users, char *line, size_t len, size_t number, char *why, size_t why_bytes
) {
	const char *fault;

	trim(&line, &len);
	if (len == 0)
		return 0;
	if (*line == '#') {
		users->has_comment = true;
		return 0;
	}
	fault = find_fault(line, len);
	if (fault == NULL)
		return add_name(users, make_name(line, len));
	snprintf(why, why_bytes, "line %zu %s", number, fault);
	return -EINVAL;
}

// A file that is being written is not taken for a whole one, as far as that can be told.
static const char *find_file_fault(const struct whole_file *file) {
	if (memchr(file->text, '\0', file->len) != NULL)
		return "it is not text (UTF-8)";
	if (file->len > 0 && file->text[file->len - 1] != '\n')
		return "its last line has no end, so it may not be written whole";
	return NULL;
}

static int read_lines(struct users *users, char *why, size_t why_bytes) {
	const char *fault = find_file_fault(&users->file);
	char *at = users->file.text;
	char *end = at + users->file.len;
	int err = 0;

	if (fault != NULL) {
		snprintf(why, why_bytes, "%s", fault);
		return -EINVAL;
	}
	if (strncmp(at, "\xEF\xBB\xBF", 3) == 0) // a byte order mark
		at += 3;
	for (size_t number = 1; at < end && err == 0; number++) {
		size_t len = strcspn(at, "\n");

		err = take_line(users, at, len, number, why, why_bytes);
		at += len + 1;
	}
	if (err == 0 && users->count == 0 && !users->has_comment) {
		snprintf(
			why,
			why_bytes,
			"it is empty; when nobody is on hold, say so in a line that begins with #"
		);
		err = -EINVAL;
	}
	return err;
}

static void users_free(struct users *users) {
	free(users->names);
	whole_file_free(&users->file);
}

// What is written while it is read has the older stamp. A pipe would be waited for, and is read but
// once.
static int look(struct users *users, const char *path, char *why, size_t why_bytes) {
	struct stat found;

	if (stat(path, &found) < 0) {
		snprintf(why, why_bytes, "%s", strerror(errno));
		return -EINVAL;
	}
	if (!S_ISREG(found.st_mode)) {
		snprintf(why, why_bytes, "it is no regular file");
		return -EINVAL;
	}
	users->stamp_ns = (int64_t)found.st_ctim.tv_sec * 1000000000 + found.st_ctim.tv_nsec;
	return 0;
}

// 0, -ENOMEM, or another negative errno with words. What is in `users` is to be freed.
static int load(struct users *users, const char *path, char *why, size_t why_bytes) {
	int err = look(users, path, why, why_bytes);

	if (err < 0)
		return err;
	err = whole_file_read(&users->file, path, FILE_BYTES_BOUND);
	if (err == -EFBIG)
		snprintf(why, why_bytes, "it has more than %d MiB", FILE_BYTES_BOUND >> 20);
	else if (err < 0)
		snprintf(why, why_bytes, "%s", strerror(-err));
	else
		err = read_lines(users, why, why_bytes);
	if (err == 0)
		sort(users);
	return err;
}

// --- the list

int hold_list_new(struct hold_list **out) {
	struct hold_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	pthread_mutex_init(&list->lock, NULL);
	*out = list;
	return 0;
}

void hold_list_free(struct hold_list *list) {
	if (list == NULL)
		return;
	users_free(&list->users);
	pthread_mutex_destroy(&list->lock);
	free(list);
}

int hold_list_read(struct hold_list *list, const char *path, char *error, size_t error_bytes) {
	struct users users = {.count = 0};
	struct users before;
	char why[160] = "";
	bool are_others;
	int err = load(&users, path, why, sizeof(why));

	if (err < 0) {
		users_free(&users);
		snprintf(error, error_bytes, "--hold-file '%s': %s", path, why);
		return err == -ENOMEM ? err : -EINVAL;
	}
	pthread_mutex_lock(&list->lock);
	before = list->users;
	list->users = users;
	pthread_mutex_unlock(&list->lock);
	are_others = !are_same(&before, &users);
	users_free(&before);
	return are_others;
}

struct wanted {
	const char *name; // not folded
	size_t len;
};

static int compare_wanted(const void *key, const void *element) {
	const struct wanted *wanted = key;
	const char *name = *(const char *const *)element;

	for (size_t i = 0; i < wanted->len; i++) {
		unsigned char a = (unsigned char)fold(wanted->name[i]);
		unsigned char b = (unsigned char)name[i];

		if (a != b)
			return a < b ? -1 : 1;
	}
	return name[wanted->len] == '\0' ? 0 : -1;
}

bool hold_list_has(struct hold_list *list, const char *email) {
	const struct wanted wanted = {email, strcspn(email, "@")};
	bool has;

	pthread_mutex_lock(&list->lock);
	has = list->users.count > 0 &&
		bsearch(&wanted,
			list->users.names,
			list->users.count,
			sizeof(*list->users.names),
			compare_wanted) != NULL;
	pthread_mutex_unlock(&list->lock);
	return has;
}

bool hold_list_may_have(struct hold_list *list, const char *email) {
	if (list == NULL)
		return false;
	return email == NULL ? hold_list_count(list) > 0 : hold_list_has(list, email);
}

size_t hold_list_count(struct hold_list *list) {
	size_t count;

	pthread_mutex_lock(&list->lock);
	count = list->users.count;
	pthread_mutex_unlock(&list->lock);
	return count;
}

int64_t hold_list_stamp_ns(struct hold_list *list) {
	int64_t stamp_ns;

	pthread_mutex_lock(&list->lock);
	stamp_ns = list->users.count == 0 ? 0 : list->users.stamp_ns;
	pthread_mutex_unlock(&list->lock);
	return stamp_ns;
}
