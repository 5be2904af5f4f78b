// SPDX-License-Identifier: MPL-2.0
// conf_env_file: hands in what a file of environment variables says.
#include "common/conf/conf_env_file.h"

#include "common/base/whole_file.h"
#include "common/base/words.h"
#include "common/conf/conf_row.h"
#include "common/text/env_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_BOUND = 1024 * 1024 };

struct variable {
	const char *name;
	const char *value;
	const char *fault; // NULL: none
	size_t line;
};

struct variables {
	const char *path;
	const struct words *note;
	struct variable *list;
	size_t count;
	size_t room;
};

static int fail_line(const struct variables *all, size_t line, const char *fault) {
	return words_say(
		all->note, -EINVAL, "environment file %s line %zu: %s", all->path, line, fault
	);
}

static int add(struct variables *all, const struct env_file *file) {
	if (all->count == all->room) {
		size_t room = all->room == 0 ? 32 : 2 * all->room;
		struct variable *list = realloc(all->list, room * sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		all->list = list;
		all->room = room;
	}
	all->list[all->count++] = (struct variable){
		.name = file->name,
		.value = file->value,
		.fault = file->fault,
		.line = file->line,
	};
	return 0;
}

static int collect(struct variables *all, const struct whole_file *text) {
	struct env_file file;
	enum env_file_kind kind;
	int err = 0;

	env_file_begin(&file, text->text, text->len);
	while (err == 0 && (kind = env_file_next(&file)) != ENV_FILE_END) {
		if (kind == ENV_FILE_FAULT)
			err = fail_line(all, file.line, file.fault);
		else
			err = add(all, &file);
	}
	return err;
}

// The last one of this name, or NULL.
static const struct variable *find(const struct variables *all, const char *name, size_t len) {
	for (size_t i = all->count; i > 0; i--) {
		const struct variable *variable = &all->list[i - 1];

		if (strncmp(variable->name, name, len) == 0 && variable->name[len] == '\0')
			return variable;
	}
	return NULL;
}

// Of these names the first one whose variable is not empty.
static int give_row(
	struct conf *conf, struct conf_slot *slot, const char *names, const struct variables *all
) {
	size_t len;

	for (; (len = conf_row_first_env(&names)) > 0; names += len) {
		const struct variable *variable = find(all, names, len);

		if (variable == NULL)
			continue;
		if (variable->fault != NULL)
			return fail_line(all, variable->line, variable->fault);
		if (variable->value[0] != '\0') {
			const struct conf_given given = {
				.slot = slot,
				.source = CONF_FROM_ENV_FILE,
				.where = all->path,
				.where_len = strlen(all->path),
				.line = variable->line,
			};

			return conf_give(conf, &given, variable->value, strlen(variable->value));
		}
	}
	return 0;
}

static int give_all(
	struct conf *conf, const struct conf_input *input, const struct variables *all
) {
	int err = 0;

	for (size_t i = 0; i < conf->slot_count && err == 0; i++) {
		struct conf_slot *slot = &conf->slots[i];

		err = give_row(conf, slot, conf_row_env(slot->row, input->env_of), all);
	}
	return err;
}

int conf_env_file_read(
	struct conf *conf, const struct conf_input *input, const struct words *note
) {
	struct variables all = {.path = input->env_file, .note = note};
	struct whole_file text;
	int err;

	if (all.path == NULL)
		return 0;
	err = whole_file_read(&text, all.path, FILE_BYTES_BOUND);
	if ((err == -ENOENT || err == -ENOTDIR) && input->env_file_may_miss)
		return 0;
	if (err == -ENOMEM)
		return err;
	if (err == -EFBIG)
		return words_say(note, -EINVAL, "environment file %s is too large", all.path);
	if (err < 0) {
		words_say(
			note,
			-EINVAL,
			"cannot read environment file %s: %s",
			all.path,
			strerror(-err)
		);
		return err;
	}
	err = collect(&all, &text);
	if (err == 0)
		err = give_all(conf, input, &all);
	free(all.list);
	whole_file_free(&text);
	return err;
}
