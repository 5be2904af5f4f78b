// SPDX-License-Identifier: MPL-2.0
// control: whether an operator has paused all producers and workers of a target, as the state topic
// keeps it, and what is known of that while the topic is read.
#include "common/kafka/topics/control.h"

#include "common/kafka/topics/state_value.h"

#include <errno.h>
#include <string.h>

enum { CONTROL_VERSION = 1 };
_Static_assert((int)CONTROL_FAULT_BYTES == (int)STATE_VALUE_FAULT_BYTES, "it is copied");
static const int64_t since_most_ms = (int64_t)1 << 53;

int control_pack(
	const struct control *control, struct pack *pack, const unsigned char **data, size_t *len
) {
	pack_reset(pack, 5);
	pack_int(pack, "v", CONTROL_VERSION);
	pack_bool(pack, "paused", control->is_paused);
	if (control->since_ms < 0)
		pack_str(pack, "since", NULL);
	else
		pack_int(pack, "since", control->since_ms);
	pack_str(pack, "reason", control->reason[0] == '\0' ? NULL : control->reason);
	pack_str(pack, "who", control->who[0] == '\0' ? NULL : control->who);
	return pack_data(pack, data, len);
}

// 0, or an error that makes the record one that we do not understand.
static int read_since(const struct unpack *unpack, int64_t *since_ms) {
	int err = unpack_int(unpack, "since", since_ms);

	if (err == 0 && (*since_ms < 0 || *since_ms > since_most_ms))
		err = -EPROTO;
	if (err < 0)
		*since_ms = -1;
	return err == -ENOENT ? 0 : err;
}

static int read_fields(void *ctx, const struct unpack *unpack) {
	struct control *out = ctx;
	int err = unpack_bool(unpack, "paused", &out->is_paused);

	if (err == 0)
		err = read_since(unpack, &out->since_ms);
	if (err == 0)
		err = state_value_text(unpack, "reason", out->reason, sizeof(out->reason));
	if (err == 0)
		err = state_value_text(unpack, "who", out->who, sizeof(out->who));
	return err;
}

int control_unpack(struct control *out, const void *bytes, size_t len) {
	static const struct state_value_form form = {
		.what = "it", .version = CONTROL_VERSION, .fields = read_fields};
	char fault[STATE_VALUE_FAULT_BYTES];
	int err;

	*out = (struct control){.since_ms = -1};
	if (bytes == NULL)
		return 0;
	err = state_value_read(&form, bytes, len, out, fault);
	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		*out = (struct control){.is_paused = true, .since_ms = -1};
		memcpy(out->fault, fault, sizeof(out->fault));
	}
	return 0;
}

bool control_is_same(const struct control *a, const struct control *b) {
	return a->is_paused == b->is_paused && a->since_ms == b->since_ms &&
		strcmp(a->reason, b->reason) == 0 && strcmp(a->who, b->who) == 0 &&
		strcmp(a->fault, b->fault) == 0;
}

// --- what is known

static bool adopt(struct control_view *view) {
	bool is_news = !view->is_known || !control_is_same(&view->control, &view->read);

	view->is_known = true;
	view->control = view->read;
	return is_news;
}

void control_view_begin(struct control_view *view) {
	view->is_at_end = false;
	view->read = (struct control){.since_ms = -1};
}

int control_view_see(struct control_view *view, const void *bytes, size_t len) {
	int err = control_unpack(&view->read, bytes, len);

	if (err < 0)
		return err;
	return view->is_at_end && adopt(view) ? 1 : 0;
}

bool control_view_end(struct control_view *view) {
	view->is_at_end = true;
	return adopt(view);
}
