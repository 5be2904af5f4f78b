// SPDX-License-Identifier: MPL-2.0
// cursor_fuzz: no bytes in the state topic make the reader of cursors crash, and what it takes it
// can write again and work on.
#include "fuzz/fuzz.h"
#include "producer/outbox/cursor.h"

#include <errno.h>

static void write_again(const struct cursor *cursor) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	struct cursor second;
	size_t len = 0;

	must(pack != NULL);
	must(cursor_pack(cursor, pack, &data, &len) == 0);
	must(cursor_unpack(&second, data, len) == 0);
	must(cursor_is_same(cursor, &second));
	pack_free(pack);
}

static void work_on(struct cursor *cursor) {
	const struct cursor_moment moment = {.now_ms = 1, .full_interval_ms = 1, .held = "3,17"};
	enum cursor_reason why;
	enum cursor_pass pass = cursor_decide(cursor, &moment, &why);
	int err = cursor_hold(cursor, moment.held);

	must(err == 0 || err == -EMSGSIZE);
	cursor_begin(cursor, pass, &moment);
	must(cursor_reason_name(why) != NULL);
	must(pass != CURSOR_FULL || cursor_resume(cursor, pass) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	struct cursor cursor;
	int err = cursor_unpack(&cursor, bytes, len);

	must(err == 0 || err == -EBADMSG);
	if (err == 0) {
		write_again(&cursor);
		work_on(&cursor);
	}
	return 0;
}
