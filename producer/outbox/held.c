// SPDX-License-Identifier: MPL-2.0
// held: what a scan passes over for now, noted in the cursor before the cursor passes it.
#include "producer/outbox/held.h"

#include "common/base/log.h"
#include "common/handle.h"
#include "common/target/target_scanner.h"

#include <errno.h>
#include <stdio.h>

static void tell_too_much(const struct held *held) {
	LOG(held->log,
	    LOG_LEVEL_WARNING,
	    "too much is held back to notice when it comes back; the next full pass finds it");
}

bool held_is_passing(int err) {
	return err == -ENOTCONN || err == -EAGAIN || err == -ETIME;
}

int held_look(
	const struct held *held,
	struct handle *handle,
	const struct cursor *cursor,
	char *out,
	char *error
) {
	int err;

	out[0] = '\0';
	if (held->scanner->held == NULL)
		return 0;
	err = held->scanner->held(held->config, handle, out, CURSOR_HELD_BYTES);
	if (err == 0 || held_is_passing(err))
		return err;
	if (err != -EMSGSIZE) {
		snprintf(error, PASS_ERROR_BYTES, "%s", handle_error(handle));
		return err;
	}
	tell_too_much(held);
	snprintf(out, CURSOR_HELD_BYTES, "%s", cursor->held);
	return 0;
}

static void note(const struct held *held, struct cursor *cursor, const char *list) {
	if (cursor_hold(cursor, list) < 0)
		tell_too_much(held);
}

int held_note(const struct held *held, struct handle *handle, struct cursor *cursor, char *error) {
	char list[CURSOR_HELD_BYTES];
	int err = held_look(held, handle, cursor, list, error);

	if (err == 0)
		note(held, cursor, list);
	return err;
}

int held_note_passed_over(
	const struct held *held, struct handle *handle, struct cursor *cursor, char *error
) {
	char list[CURSOR_HELD_BYTES];
	int err = held_look(held, handle, cursor, list, error);

	if (held_is_passing(err) || (err == 0 && list[0] == '\0'))
		snprintf(list, sizeof(list), "%s", CURSOR_HELD_UNKNOWN);
	else if (err < 0)
		return err;
	note(held, cursor, list);
	return 0;
}
