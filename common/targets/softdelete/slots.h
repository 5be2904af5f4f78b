// SPDX-License-Identifier: MPL-2.0
// slots: the slots of this target that run on the loop thread and on batch threads; see
// common/target.h.
// Thread: loop or batch.
#pragma once

#include "common/target.h"

int softdelete_load(const void *config, struct work *work);
void softdelete_unload(const void *config, struct work *work);
int softdelete_remove(
	const void *config, struct handle *handle, struct work *const *works, size_t count
);
void softdelete_failed_row(
	const void *config, const struct work *work, int64_t index, struct row_words *out
);
const char *softdelete_plan(const void *config, const struct work *work, const char **where);
void softdelete_report(const void *config, struct metrics *metrics, const struct event *event);
