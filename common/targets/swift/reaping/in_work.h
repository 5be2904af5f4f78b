// SPDX-License-Identifier: MPL-2.0
// in_work: which containers are in work here. Each pass publishes anew what is still due, and a
// large container is in work for longer than that: it is worked on once at a time. Thread: loop.
#pragma once

#include "common/targets/swift/ring/name_hash.h"

struct in_work; // opaque
struct in_work_place; // opaque

struct in_work *in_work_new(void); // NULL: out of memory
// NULL is fine; nothing may be in work.
void in_work_free(struct in_work *works);

// Begins with one: *out is to be left. 0; -EALREADY: it is in work, and *out is NULL; -ENOMEM.
int in_work_enter(
	struct in_work *works,
	struct name_part account,
	struct name_part container,
	struct in_work_place **out
);
void in_work_leave(struct in_work *works, struct in_work_place *place); // NULL is fine
