// SPDX-License-Identifier: MPL-2.0
// conf_match: which option a name on the command line means, when it may be cut.
#include "common/conf/conf_match.h"

#include <stdio.h>
#include <string.h>

static void match_add(
	struct conf_match *match, struct conf_slot *slot, bool is_no, const char *name
) {
	size_t len = strlen(match->names);

	match->slot = slot;
	match->is_no = is_no;
	match->count++;
	snprintf(
		match->names + len,
		sizeof(match->names) - len,
		"%s--%s%s",
		len == 0 ? "" : ", ",
		is_no ? "no-" : "",
		name
	);
}

static bool begins_no(const char *name, size_t len) {
	return len > 3 && conf_name_begins("no-", name, 3);
}

static void match_beginning(
	const struct conf *conf, const char *name, size_t len, bool hidden, struct conf_match *match
) {
	bool is_no = begins_no(name, len);

	for (size_t i = 0; i < conf->slot_count; i++) {
		struct conf_slot *slot = &conf->slots[i];
		const char *row_name = slot->row->name;

		if (slot->row->hidden != hidden)
			continue;
		if (conf_name_begins(row_name, name, len))
			match_add(match, slot, false, row_name);
		if (is_no && slot->row->kind == CONF_FLAG &&
		    conf_name_begins(row_name, name + 3, len - 3))
			match_add(match, slot, true, row_name);
	}
	if (!hidden && conf_name_begins("help", name, len))
		match_add(match, NULL, false, "help");
}

struct conf_match conf_match_name(const struct conf *conf, const char *name, size_t len) {
	struct conf_match match = {.slot = conf_find(conf, name, len)};

	if (match.slot != NULL || conf_name_is("help", name, len)) {
		match.count = 1;
		return match;
	}
	if (begins_no(name, len)) {
		match.slot = conf_find(conf, name + 3, len - 3);
		if (match.slot != NULL && match.slot->row->kind == CONF_FLAG) {
			match.is_no = true;
			match.count = 1;
			return match;
		}
	}
	if (len > 0)
		match_beginning(conf, name, len, false, &match);
	if (len > 0 && match.count == 0)
		match_beginning(conf, name, len, true, &match);
	return match;
}

// A name that was cut is one of `names`.
bool conf_match_is_cut_too_far(const struct conf_match *match) {
	return match->names[0] != '\0' && match->slot != NULL &&
		(match->is_no || match->slot->row->exact);
}
