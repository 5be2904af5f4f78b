// SPDX-License-Identifier: MPL-2.0
// control: whether an operator has paused all producers and workers of a target, as the state topic
// keeps it, and what is known of that while the topic is read. Pure.
// Thread: any.
#pragma once

#include "common/pack/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_KEY "control"
enum { CONTROL_REASON_BYTES = 400, CONTROL_WHO_BYTES = 160, CONTROL_FAULT_BYTES = 120 };

struct control {
	bool is_paused;
	int64_t since_ms; // since 1970; -1: unknown
	char reason[CONTROL_REASON_BYTES]; // "": none was given
	char who[CONTROL_WHO_BYTES]; // "user@host"; "": unknown
	// Why the record is none that we understand; "": it is. Such a one pauses, for it may
	// protect.
	char fault[CONTROL_FAULT_BYTES];
};

// 0 or an error as pack_data.
int control_pack(
	const struct control *control, struct pack *pack, const unsigned char **data, size_t *len
);
// What a value says. NULL bytes: there is none, or it was deleted; nothing is paused. 0 or -ENOMEM.
int control_unpack(struct control *out, const void *bytes, size_t len);
bool control_is_same(const struct control *a, const struct control *b);

// What is known while the topic is read, from its beginning to its end and then on and on. Read
// anew, it tells nothing before the end: what was known last holds until then.
struct control_view { // zero it
	bool is_known;
	struct control control; // when it is
	bool is_at_end;
	struct control read; // before the end
};

void control_view_begin(struct control_view *view); // the reading begins, maybe anew
// A value of CONTROL_KEY, as control_unpack. 1: what is known has changed; 0; -ENOMEM.
int control_view_see(struct control_view *view, const void *bytes, size_t len);
// All that was there when the reading began was seen. True: what is known has changed.
bool control_view_end(struct control_view *view);
