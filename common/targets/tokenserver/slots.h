// SPDX-License-Identifier: MPL-2.0
// slots: the slots of this target that work on a record. See common/target.h for what each must do.
#pragma once

#include "common/target.h"

// Thread: loop.
int slots_load(const void *config, struct work *work);
void slots_unload(const void *config, struct work *work);
int slots_route(const void *config, const struct work *work, struct route *out);
int slots_request(
	const void *config,
	struct work *work,
	const struct send_moment *moment,
	struct http_request *out
);
bool slots_judge(const void *config, struct work *work, const struct http_answer *answer);
void slots_request_done(const void *config, struct work *work);

// Thread: batch.
int slots_check(const void *config, struct handle *handle, struct work *const *works, size_t count);
int slots_remove(
	const void *config, struct handle *handle, struct work *const *works, size_t count
);
int slots_defer(const void *config, struct handle *handle, struct work *const *works, size_t count);

// Thread: scan or loop.
void slots_report(const void *config, struct metrics *metrics, const struct event *event);
const char *slots_plan(const void *config, const struct work *work, const char **where);
