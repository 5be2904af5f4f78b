// SPDX-License-Identifier: MPL-2.0
// control: whether an operator has paused all producers and workers of a target, as the state topic
// keeps it, and what is known of that while the topic is read.
#include "common/kafka/topics/control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CONTROL_VERSION = 1 };
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
static int read_text(const struct unpack *unpack, const char *key, char *out, size_t out_bytes) {
	int err = unpack_str(unpack, key, out, out_bytes);

	if (err < 0)
		out[0] = '\0';
	return err == -ENOENT ? 0 : err;
}

static int read_since(const struct unpack *unpack, int64_t *since_ms) {
	int err = unpack_int(unpack, "since", since_ms);

	if (err == 0 && (*since_ms < 0 || *since_ms > since_most_ms))
		err = -EPROTO;
	if (err < 0)
		*since_ms = -1;
	return err == -ENOENT ? 0 : err;
}

static int read_fields(struct control *out, const struct unpack *unpack) {
	int err = unpack_bool(unpack, "paused", &out->is_paused);

	if (err == 0)
		err = read_since(unpack, &out->since_ms);
	if (err == 0)
		err = read_text(unpack, "reason", out->reason, sizeof(out->reason));
	if (err == 0)
		err = read_text(unpack, "who", out->who, sizeof(out->who));
	return err;
}

static void say_fault(struct control *out, int64_t version) {
	*out = (struct control){.is_paused = true, .since_ms = -1};
	if (version > CONTROL_VERSION)
		snprintf(
			out->fault,
			sizeof(out->fault),
			"it is of version %" PRId64 ", and this program knows %d",
			version,
			CONTROL_VERSION
		);
	else
		snprintf(out->fault, sizeof(out->fault), "it cannot be decoded");
}

int control_unpack(struct control *out, const void *bytes, size_t len) {
	struct unpack *unpack = NULL;
	int64_t version = 0;
	int err;

	*out = (struct control){.since_ms = -1};
	if (bytes == NULL)
		return 0;
	err = unpack_open(&unpack, bytes, len);
	if (err == -ENOMEM)
		return err;
	if (err == 0)
		err = unpack_int(unpack, "v", &version);
	if (err == 0)
		err = version == CONTROL_VERSION ? read_fields(out, unpack) : -EPROTO;
	unpack_close(unpack);
	if (err < 0)
		say_fault(out, version);
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
