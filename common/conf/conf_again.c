// SPDX-License-Identifier: MPL-2.0
// conf_again: reads the file again while the command runs.
//
// Design notes
// - A twin with fields of its own takes what words, environment and presets said before, and the
//   file anew. So nothing is half taken, and secrets that argv has no more are still there.
#include "common/conf/conf.h"

#include "common/base/words.h"
#include "common/conf/conf_file.h"
#include "common/conf/conf_slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_file(enum conf_source source) {
	return source == CONF_FROM_FILE || source == CONF_FROM_SECTION;
}

static bool is_of_file(const struct conf_given *given) {
	return is_file(given->source);
}

static struct conf *twin_new(const struct conf *conf) {
	struct conf *twin = calloc(1, sizeof(*twin));

	if (twin == NULL)
		return NULL;
	twin->slots = calloc(conf->slot_count + 1, sizeof(*twin->slots));
	twin->cells = calloc(conf->slot_count + 1, sizeof(*twin->cells));
	if (twin->slots == NULL || twin->cells == NULL) {
		conf_free(twin);
		return NULL;
	}
	twin->slot_count = conf->slot_count;
	for (size_t i = 0; i < conf->slot_count; i++)
		twin->slots[i] = (struct conf_slot){
			.row = conf->slots[i].row,
			.field = (unsigned char *)&twin->cells[i],
		};
	return twin;
}

static struct conf_slot *slot_like(const struct conf *conf, const struct conf *other, size_t i) {
	return &conf->slots[other->given[i].slot - other->slots];
}

static int give_as_before(struct conf *twin, const struct conf *conf) {
	int err = 0;

	for (size_t i = 0; i < conf->given_count && err == 0; i++) {
		struct conf_given given = conf->given[i];

		if (is_of_file(&given))
			continue;
		given.slot = slot_like(twin, conf, i);
		err = conf_give(
			twin, &given, given.text, given.text == NULL ? 0 : strlen(given.text)
		);
	}
	return err;
}

static int read_twin(struct conf *twin, const struct conf *conf, const struct words *note) {
	const char *path = conf_file_path(conf);
	struct stat status;
	int err;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return words_say(
			note, -ENOTSUP, "file %s is no regular file, so it was read but once", path
		);
	err = give_as_before(twin, conf);
	if (err == 0)
		err = conf_file_read(twin, &conf->file_input, path, note);
	return err == 0 ? conf_settle(twin, note) : err;
}

typedef bool is_meant(const struct conf_given *given);

// The next of a slot that is meant, at or behind *at; or NULL.
static const struct conf_given *next_of(
	const struct conf *conf, size_t slot, is_meant *meant, size_t *at
) {
	for (; *at < conf->given_count; (*at)++)
		if (conf->given[*at].slot == &conf->slots[slot] && meant(&conf->given[*at]))
			return &conf->given[(*at)++];
	return NULL;
}

static bool says_the_same(const struct conf_given *a, const struct conf_given *b) {
	if (a == NULL || b == NULL)
		return a == b;
	if (a->text == NULL || b->text == NULL)
		return a->text == b->text && a->is_no == b->is_no;
	return strcmp(a->text, b->text) == 0 && a->is_no == b->is_no;
}

static bool is_as_before(
	const struct conf *conf, const struct conf *twin, size_t slot, is_meant *meant
) {
	const struct conf_given *before, *now;
	size_t at_before = 0, at_now = 0;

	do {
		before = next_of(conf, slot, meant, &at_before);
		now = next_of(twin, slot, meant, &at_now);
		if (!says_the_same(before, now))
			return false;
	} while (before != NULL);
	return true;
}

static const char *text_of(const struct conf *conf, size_t slot, is_meant *meant) {
	const struct conf_given *given;
	const char *text = NULL;

	for (size_t at = 0; (given = next_of(conf, slot, meant, &at)) != NULL;)
		text = given->text != NULL ? given->text : given->is_no ? "false" : "true";
	return text;
}

// What the file says of a live row has changed, and does not count.
static bool is_overruled(const struct conf *conf, const struct conf *twin, size_t slot) {
	return twin->slots[slot].row->live && !is_file(twin->slots[slot].source) &&
		is_as_before(conf, twin, slot, conf_given_counts) &&
		!is_as_before(conf, twin, slot, is_of_file);
}

static bool find_change(
	const struct conf *conf, const struct conf *twin, size_t slot, struct conf_change *out
) {
	const struct conf_row *row = conf->slots[slot].row;
	is_meant *meant = conf_given_counts;

	*out = (struct conf_change){.row = row, .kind = row->live ? CONF_TAKEN : CONF_WAITS};
	if (is_overruled(conf, twin, slot)) {
		meant = is_of_file;
		out->kind = CONF_OVERRULED;
	} else if (is_as_before(conf, twin, slot, meant)) {
		return false;
	}
	if (row->live) {
		out->before = text_of(conf, slot, meant);
		out->now = text_of(twin, slot, meant);
	}
	return true;
}

static int make_room(struct conf *conf, size_t count) {
	struct conf_given *more = realloc(conf->given, (count + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	conf->given = more;
	conf->given_room = count + 1;
	return 0;
}

static bool is_live_in_file(const struct conf_given *given) {
	return given->slot->row->live && is_of_file(given);
}

static void drop_live(struct conf *conf) {
	size_t kept = 0;

	for (size_t i = 0; i < conf->given_count; i++) {
		if (is_live_in_file(&conf->given[i]))
			free(conf->given[i].text);
		else
			conf->given[kept++] = conf->given[i];
	}
	conf->given_count = kept;
}

// There is room.
static void take_live(struct conf *conf, struct conf *twin) {
	drop_live(conf);
	for (size_t i = 0; i < twin->given_count; i++) {
		struct conf_given *given = &conf->given[conf->given_count];

		if (!is_live_in_file(&twin->given[i]))
			continue;
		*given = twin->given[i];
		given->slot = slot_like(conf, twin, i);
		twin->given[i].text = NULL;
		conf->given_count++;
	}
	for (size_t i = 0; i < conf->slot_count; i++) {
		if (!conf->slots[i].row->live)
			continue;
		conf->slots[i].source = twin->slots[i].source;
		conf_settle_again(conf, &conf->slots[i]);
	}
}

bool conf_has_file(const struct conf *conf) {
	return conf_file_path(conf) != NULL;
}

int conf_again(
	struct conf *conf, conf_tell_change *tell, void *ctx, char *error, size_t error_bytes
) {
	struct words note = {.bytes = error_bytes};
	struct conf *twin = twin_new(conf);
	struct conf_change change;
	int err = -ENOMEM;

	note.text = error;
	if (twin != NULL)
		err = read_twin(twin, conf, &note);
	if (err == 0)
		err = make_room(conf, conf->given_count + twin->given_count);
	if (err == -ENOMEM)
		words_say(&note, err, "out of memory");
	for (size_t i = 0; err == 0 && i < conf->slot_count; i++)
		if (find_change(conf, twin, i, &change))
			tell(ctx, &change);
	if (err == 0)
		take_live(conf, twin);
	conf_free(twin);
	return err;
}
