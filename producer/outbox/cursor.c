// SPDX-License-Identifier: MPL-2.0
// cursor: how far the scans of a target have come.
#include "producer/outbox/cursor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CURSOR_VERSION = 1 };

static bool has_entry(const char *list, const char *entry, size_t len) {
	while (*list != '\0') {
		size_t here = strcspn(list, ",");

		if (here == len && memcmp(list, entry, len) == 0)
			return true;
		list += here + (list[here] == ',');
	}
	return false;
}

static bool is_released(const char *before, const char *now) {
	while (*before != '\0') {
		size_t len = strcspn(before, ",");

		if (!has_entry(now, before, len))
			return true;
		before += len + (before[len] == ',');
	}
	return false;
}

enum cursor_pass cursor_decide(
	const struct cursor *cursor, const struct cursor_moment *moment, enum cursor_reason *why
) {
	if (cursor->full_running && moment->full_asked) {
		*why = CURSOR_ASKED;
		return CURSOR_FULL;
	}
	if (cursor->full_running) {
		*why = CURSOR_UNFINISHED;
		// What was released lies behind it: begin anew.
		return is_released(cursor->held, moment->held) || cursor->full_at[0] == '\0'
			? CURSOR_FULL
			: CURSOR_FULL_GOES_ON;
	}
	*why = CURSOR_REGULAR;
	if (cursor->at[0] == '\0')
		*why = CURSOR_FIRST;
	else if (moment->full_asked)
		*why = CURSOR_ASKED;
	else if (moment->now_ms - cursor->full_began_ms >= moment->full_interval_ms)
		*why = CURSOR_DUE;
	else if (is_released(cursor->held, moment->held))
		*why = CURSOR_RELEASED;
	return *why == CURSOR_REGULAR ? CURSOR_INCREMENTAL : CURSOR_FULL;
}

const char *cursor_reason_name(enum cursor_reason reason) {
	static const char *const names[] = {
		[CURSOR_REGULAR] = "regular",
		[CURSOR_FIRST] = "first",
		[CURSOR_ASKED] = "asked",
		[CURSOR_DUE] = "due",
		[CURSOR_RELEASED] = "released",
		[CURSOR_UNFINISHED] = "unfinished",
	};

	return names[reason];
}

static void copy(char *out, size_t out_bytes, const char *text) {
	snprintf(out, out_bytes, "%s", text);
}

void cursor_begin(
	struct cursor *cursor, enum cursor_pass pass, const struct cursor_moment *moment
) {
	copy(cursor->held, sizeof(cursor->held), moment->held);
	if (pass != CURSOR_FULL)
		return;
	cursor->full_running = true;
	cursor->full_began_ms = moment->now_ms;
	cursor->full_at[0] = '\0';
}

int cursor_hold(struct cursor *cursor, const char *held) {
	size_t used = strlen(cursor->held);

	while (*held != '\0') {
		size_t len = strcspn(held, ",");

		if (!has_entry(cursor->held, held, len)) {
			if (used + 1 + len >= sizeof(cursor->held))
				return -EMSGSIZE;
			if (used > 0)
				cursor->held[used++] = ',';
			memcpy(cursor->held + used, held, len);
			used += len;
			cursor->held[used] = '\0';
		}
		held += len + (held[len] == ',');
	}
	return 0;
}

void cursor_move(struct cursor *cursor, enum cursor_pass pass, const char *at) {
	if (pass == CURSOR_INCREMENTAL)
		copy(cursor->at, sizeof(cursor->at), at);
	else
		copy(cursor->full_at, sizeof(cursor->full_at), at);
}

void cursor_end(struct cursor *cursor, enum cursor_pass pass, const char *at) {
	copy(cursor->at, sizeof(cursor->at), at);
	if (pass == CURSOR_INCREMENTAL)
		return;
	cursor->full_running = false;
	cursor->full_at[0] = '\0';
}

bool cursor_is_same(const struct cursor *one, const struct cursor *other) {
	return strcmp(one->at, other->at) == 0 && strcmp(one->full_at, other->full_at) == 0 &&
		strcmp(one->held, other->held) == 0 && one->full_running == other->full_running &&
		one->full_began_ms == other->full_began_ms;
}

const char *cursor_resume(const struct cursor *cursor, enum cursor_pass pass) {
	const char *at = pass == CURSOR_INCREMENTAL ? cursor->at : cursor->full_at;

	return pass == CURSOR_FULL || at[0] == '\0' ? NULL : at;
}

int cursor_pack(
	const struct cursor *cursor, struct pack *pack, const unsigned char **data, size_t *len
) {
	pack_reset(pack, 6);
	pack_int(pack, "v", CURSOR_VERSION);
	pack_str(pack, "at", cursor->at);
	pack_str(pack, "full_at", cursor->full_at);
	pack_bool(pack, "full_running", cursor->full_running);
	pack_int(pack, "full_began", cursor->full_began_ms);
	pack_str(pack, "held", cursor->held);
	return pack_data(pack, data, len);
}

int cursor_unpack(struct cursor *out, const void *bytes, size_t len) {
	struct cursor cursor = {.full_running = false};
	struct unpack *unpack;
	int64_t version = 0;
	int err = unpack_open(&unpack, bytes, len);

	if (err < 0)
		return err;
	err = unpack_int(unpack, "v", &version);
	if (err == 0)
		err = unpack_str(unpack, "at", cursor.at, sizeof(cursor.at));
	if (err == 0)
		err = unpack_str(unpack, "full_at", cursor.full_at, sizeof(cursor.full_at));
	if (err == 0)
		err = unpack_bool(unpack, "full_running", &cursor.full_running);
	if (err == 0)
		err = unpack_int(unpack, "full_began", &cursor.full_began_ms);
	if (err == 0)
		err = unpack_str(unpack, "held", cursor.held, sizeof(cursor.held));
	unpack_close(unpack);
	if (err < 0 || version != CURSOR_VERSION)
		return -EBADMSG;
	*out = cursor;
	return 0;
}
