// SPDX-License-Identifier: MPL-2.0
// quota: how many log lines of a kind may be written. Pure: no clock. Thread: the owner's.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct quota { // zeroed: nothing was taken yet
	size_t used;
	int64_t began_ms; // when the first was taken
};

enum quota_answer {
	QUOTA_WRITE,
	QUOTA_LAST, // one line: there are more
	QUOTA_SILENT,
};

// Takes one of 199, which are renewed renew_ms after the first; 0: never.
enum quota_answer quota_take(struct quota *quota, int64_t renew_ms, int64_t now_ms);
