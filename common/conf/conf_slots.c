// SPDX-License-Identifier: MPL-2.0
// conf_slots: the rows and what was said of each.
#include "common/conf/conf_slots.h"

#include "common/conf/conf_nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf_shown conf_show(const char *text, size_t len) {
	static const char more[] = "...";
	struct conf_shown shown = {""};
	size_t room = sizeof(shown.text) - sizeof(more);
	size_t shown_len = len > room ? room : len;

	memcpy(shown.text, text, shown_len);
	for (size_t i = 0; i < shown_len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
			shown.text[i] = '?';
	if (len > room)
		memcpy(shown.text + room, more, sizeof(more));
	return shown;
}

bool conf_name_begins(const char *name, const char *word, size_t len) {
	for (size_t i = 0; i < len; i++)
		if (name[i] == '\0' || name[i] != (word[i] == '_' ? '-' : word[i]))
			return false;
	return true;
}

bool conf_name_is(const char *name, const char *word, size_t len) {
	return conf_name_begins(name, word, len) && name[len] == '\0';
}

struct conf_slot *conf_find(const struct conf *conf, const char *name, size_t len) {
	for (size_t i = 0; i < conf->slot_count; i++)
		if (conf_name_is(conf->slots[i].row->name, name, len))
			return &conf->slots[i];
	return NULL;
}

struct conf_slot *conf_find_pairs(
	const struct conf *conf, const char *name, size_t len, size_t *name_len
) {
	for (size_t i = 0; i < conf->slot_count; i++) {
		const struct conf_row *row = conf->slots[i].row;
		size_t row_len = strlen(row->name);

		if (row->kind == CONF_PAIRS && len > row_len &&
		    conf_name_is(row->name, name, row_len)) {
			*name_len = row_len;
			return &conf->slots[i];
		}
	}
	return NULL;
}

int conf_give(struct conf *conf, const struct conf_given *given, const char *text, size_t len) {
	struct conf_given *last;

	if (conf->given_count == conf->given_room) {
		size_t room = conf->given_room == 0 ? 64 : 2 * conf->given_room;
		struct conf_given *more = realloc(conf->given, room * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		conf->given = more;
		conf->given_room = room;
	}
	last = &conf->given[conf->given_count];
	*last = *given;
	last->text = NULL;
	if (given->slot->row->joins != NULL)
		last->slot = conf_find(
			conf, given->slot->row->joins, strlen(given->slot->row->joins)
		);
	if (text != NULL) {
		last->text = strndup(text, len);
		if (last->text == NULL)
			return -ENOMEM;
	}
	conf->given_count++;
	if (last->source > last->slot->source)
		last->slot->source = last->source;
	return 0;
}

int conf_give_pair(
	struct conf *conf,
	const struct conf_given *given,
	const char *key,
	size_t key_len,
	const char *value
) {
	size_t len = key_len + 1 + strlen(value);
	char *pair = malloc(len + 1);
	int err;

	if (pair == NULL)
		return -ENOMEM;
	snprintf(pair, len + 1, "%.*s=%s", (int)key_len, key, value);
	err = conf_give(conf, given, pair, len);
	explicit_bzero(pair, len);
	free(pair);
	return err;
}

const char *conf_slots_nearest(const struct conf *conf, const char *word, size_t len) {
	const char **names = calloc(conf->slot_count + 2, sizeof(*names));
	const char *nearest = NULL;
	char copy[64];
	size_t count = 0;

	if (names == NULL || len >= sizeof(copy))
		goto out;
	memcpy(copy, word, len);
	copy[len] = '\0';
	for (char *c = strchr(copy, '_'); c != NULL; c = strchr(c, '_'))
		*c = '-';
	for (size_t i = 0; i < conf->slot_count; i++)
		if (!conf->slots[i].row->hidden)
			names[count++] = conf->slots[i].row->name;
	nearest = conf_nearest(copy, names);
out:
	free(names);
	return nearest;
}
