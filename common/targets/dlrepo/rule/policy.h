// SPDX-License-Identifier: MPL-2.0
// policy: how many tags of a branch stay, as its file .cleanup_policy says. Pure. Thread: any.
//
// Source: dlrepo-layout(7) of dlrepo 0.44, and what its Branch.get_cleanup_policy makes of a file.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct policy {
	// The newest so many stay; 0: all.
	int64_t daily_max;
	int64_t released_max;
};

// Reads the text of the file. Only a whole number above 0 acts, and `true`, which is 1: whatever
// else a field holds keeps all. 0; -EINVAL: no JSON object, and all tags stay; -ENOMEM.
int policy_parse(const char *text, size_t len, struct policy *out);
