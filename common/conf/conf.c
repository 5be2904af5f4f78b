// SPDX-License-Identifier: MPL-2.0
// conf: brings the sources together.
#include "common/conf/conf.h"

#include "common/base/words.h"
#include "common/conf/conf_env_file.h"
#include "common/conf/conf_file.h"
#include "common/conf/conf_slots.h"
#include "common/conf/conf_value.h"
#include "common/conf/conf_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct conf *conf_new(const struct conf_group *groups, size_t group_count) {
	struct conf *conf = calloc(1, sizeof(*conf));
	size_t count = 0;

	for (size_t i = 0; i < group_count; i++)
		count += groups[i].count;
	if (conf == NULL)
		return NULL;
	conf->slots = calloc(count + 1, sizeof(*conf->slots));
	if (conf->slots == NULL) {
		free(conf);
		return NULL;
	}
	for (size_t i = 0; i < group_count; i++) {
		for (size_t j = 0; j < groups[i].count; j++) {
			const struct conf_row *row = &groups[i].rows[j];

			conf->slots[conf->slot_count++] = (struct conf_slot){
				.row = row,
				.field = (unsigned char *)groups[i].base + row->offset,
			};
		}
	}
	return conf;
}

static void free_text(const struct conf_row *row, char *text) {
	if (text != NULL && row->secret)
		explicit_bzero(text, strlen(text));
	free(text);
}

void conf_free(struct conf *conf) {
	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf->given_count; i++)
		free_text(conf->given[i].slot->row, conf->given[i].text);
	for (size_t i = 0; i < conf->slot_count; i++) {
		struct conf_slot *slot = &conf->slots[i];

		for (size_t j = 0; j < slot->list.count; j++)
			free_text(slot->row, slot->list.items[j]);
		free(slot->list.items);
	}
	for (size_t i = 0; i < conf->own_paths.count; i++)
		free(conf->own_paths.items[i]);
	free(conf->own_paths.items);
	free(conf->given);
	free(conf->slots);
	free(conf->cells);
	free((struct conf_group *)conf->file_input.elsewhere);
	free(conf);
}

// The value of a variable that is set and not empty, or NULL.
static const char *find_env(char *const *envp, const char *name, size_t len) {
	for (; envp != NULL && *envp != NULL; envp++)
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return (*envp)[len + 1] == '\0' ? NULL : *envp + len + 1;
	return NULL;
}

// What the first of these variables that is not empty says, or NULL.
static const char *find_row_env(const char *name, char *const *envp, struct conf_given *given) {
	size_t len;

	for (; (len = conf_row_first_env(&name)) > 0; name += len) {
		const char *value = find_env(envp, name, len);

		given->where = name;
		given->where_len = len;
		if (value != NULL)
			return value;
	}
	return NULL;
}

static int read_env(struct conf *conf, const struct conf_input *input) {
	int err = 0;

	for (size_t i = 0; i < conf->slot_count && err == 0; i++) {
		struct conf_given given = {.slot = &conf->slots[i], .source = CONF_FROM_ENV};
		const char *names = conf_row_env(given.slot->row, input->env_of);
		const char *value = find_row_env(names, input->envp, &given);

		if (value != NULL)
			err = conf_give(conf, &given, value, strlen(value));
	}
	return err;
}

static int read_presets(
	struct conf *conf, const struct conf_preset *presets, const struct words *note
) {
	int err = 0;

	for (; presets != NULL && presets->name != NULL && err == 0; presets++) {
		const struct conf_given given = {
			.slot = conf_find(conf, presets->name, strlen(presets->name)),
			.source = CONF_FROM_PRESET,
		};

		if (given.slot == NULL)
			return words_say(
				note, -EINVAL, "preset: unknown option '--%s'", presets->name
			);
		err = conf_give(conf, &given, presets->value, strlen(presets->value));
	}
	return err;
}

static int read_defaults(struct conf *conf) {
	int err = 0;

	for (size_t i = 0; i < conf->slot_count && err == 0; i++) {
		const struct conf_given given = {.slot = &conf->slots[i]};
		const char *text = given.slot->row->fallback;

		if (text != NULL)
			err = conf_give(conf, &given, text, strlen(text));
	}
	return err;
}

// What goes first of what was said of a row; NULL: nothing.
static const char *text_of(const struct conf *conf, const char *row) {
	const char *path = NULL;

	for (size_t i = 0; row != NULL && i < conf->given_count; i++) {
		const struct conf_given *given = &conf->given[i];

		if (given->source == given->slot->source &&
		    strcmp(given->slot->row->name, row) == 0)
			path = given->text;
	}
	return path;
}

const char *conf_file_path(const struct conf *conf) {
	return text_of(conf, conf->file_input.file_row);
}

// The path as it lives as long as the conf. NULL: out of memory.
static const char *keep_path(struct conf_list *paths, const char *path) {
	char **items, *kept;

	for (size_t i = 0; i < paths->count; i++)
		if (strcmp(paths->items[i], path) == 0)
			return paths->items[i];
	items = realloc(paths->items, (paths->count + 1) * sizeof(*items));
	if (items == NULL)
		return NULL;
	paths->items = items;
	kept = strdup(path);
	if (kept != NULL)
		paths->items[paths->count++] = kept;
	return kept;
}

// ctx: the conf.
static int take_own(
	void *ctx, const char *name, const char *value, const struct conf_place *place
) {
	struct conf *conf = ctx;
	struct conf_given given = {
		.slot = conf_find(conf, name, strlen(name)),
		.source = CONF_FROM_OWN_FILE,
		.line = place->line,
	};

	if (given.slot == NULL)
		return 0;
	given.where = keep_path(&conf->own_paths, place->path);
	if (given.where == NULL)
		return -ENOMEM;
	given.where_len = strlen(given.where);
	return conf_give(conf, &given, value, strlen(value));
}

static int read_own_file(
	struct conf *conf, const struct conf_own_file *file, const struct words *note
) {
	const char *path = file == NULL ? NULL : text_of(conf, file->row);

	return path == NULL ? 0 : file->read(path, take_own, conf, note->text, note->bytes);
}

static int keep_file_input(struct conf *conf, const struct conf_input *input) {
	size_t bytes = input->elsewhere_count * sizeof(*input->elsewhere);
	struct conf_group *elsewhere = bytes == 0 ? NULL : malloc(bytes);

	if (bytes > 0 && elsewhere == NULL)
		return -ENOMEM;
	if (bytes > 0)
		memcpy(elsewhere, input->elsewhere, bytes);
	conf->file_input = (struct conf_input){
		.file_row = input->file_row,
		.section = input->section,
		.sections = input->sections,
		.elsewhere = elsewhere,
		.elsewhere_count = input->elsewhere_count,
	};
	return 0;
}

// 1: help is asked for.
static int read_sources(
	struct conf *conf, const struct conf_input *input, const struct words *note
) {
	int err = conf_words_read(conf, input, note);
	const char *path;

	if (err != 0)
		return err;
	err = read_env(conf, input);
	if (err == 0)
		err = conf_env_file_read(conf, input, note);
	if (err == 0)
		err = keep_file_input(conf, input);
	if (err != 0)
		return err;
	path = conf_file_path(conf);
	if (path != NULL)
		err = conf_file_read(conf, &conf->file_input, path, note);
	if (err != 0)
		return err;
	err = read_own_file(conf, input->own_file, note);
	if (err == 0)
		err = read_presets(conf, input->presets, note);
	return err != 0 ? err : read_defaults(conf);
}

static void yield(struct conf *conf) {
	for (size_t i = 0; i < conf->slot_count; i++) {
		struct conf_slot *slot = &conf->slots[i];
		const char *name = slot->row->yields_to;
		const struct conf_slot *other = name == NULL ? NULL
							     : conf_find(conf, name, strlen(name));

		if (other != NULL && other->source > slot->source)
			slot->source = CONF_FROM_DEFAULT;
	}
}

static size_t field_bytes(enum conf_kind kind) {
	switch (kind) {
	case CONF_FLAG:
		return sizeof(bool);
	case CONF_INT:
	case CONF_DURATION:
		return sizeof(int64_t);
	case CONF_DOUBLE:
		return sizeof(double);
	case CONF_STRING:
		return sizeof(char *);
	case CONF_CHOICE:
		return sizeof(int);
	case CONF_LIST:
	case CONF_PAIRS:
		return sizeof(struct conf_list);
	}
	return 0;
}

bool conf_given_counts(const struct conf_given *given) {
	return given->source == given->slot->source || given->slot->row->kind == CONF_PAIRS;
}

static int store_all(struct conf *conf, const struct words *note) {
	int err = 0;

	for (enum conf_source source = CONF_FROM_DEFAULT; source <= CONF_FROM_WORDS; source++)
		for (size_t i = 0; i < conf->given_count && err == 0; i++)
			if (conf->given[i].source == source && conf_given_counts(&conf->given[i]))
				err = conf_value_store(&conf->given[i], note);
	for (size_t i = 0; i < conf->slot_count && err != 0; i++)
		memset(conf->slots[i].field, 0, field_bytes(conf->slots[i].row->kind));
	return err;
}

int conf_settle(struct conf *conf, const struct words *note) {
	yield(conf);
	return store_all(conf, note);
}

void conf_settle_again(struct conf *conf, struct conf_slot *slot) {
	const struct words note = {0};

	memset(slot->field, 0, field_bytes(slot->row->kind));
	for (size_t i = 0; i < conf->given_count; i++)
		if (conf->given[i].slot == slot && conf_given_counts(&conf->given[i]))
			(void)conf_value_store(&conf->given[i], &note); // it was good
}

int conf_parse(
	struct conf **out,
	const struct conf_group *groups,
	size_t group_count,
	const struct conf_input *input,
	char *error,
	size_t error_bytes
) {
	struct words note = {.bytes = error_bytes};
	struct conf *conf = conf_new(groups, group_count);
	int err = -ENOMEM;

	note.text = error;
	*out = NULL;
	if (conf != NULL)
		err = read_sources(conf, input, &note);
	if (err == 0)
		err = conf_settle(conf, &note);
	if (err == -ENOMEM)
		words_say(&note, -EINVAL, "out of memory");
	if (err == 0)
		*out = conf;
	else
		conf_free(conf);
	return err;
}

bool conf_is_set(const struct conf *conf, const char *name) {
	const struct conf_slot *slot = conf_find(conf, name, strlen(name));

	return slot != NULL && slot->source > CONF_FROM_DEFAULT;
}
