// SPDX-License-Identifier: MPL-2.0
// quota: how many log lines of a kind may be written.
#include "common/base/quota.h"

enum { LINES_MAX = 200 };

enum quota_answer quota_take(struct quota *quota, int64_t renew_ms, int64_t now_ms) {
	if (quota->used == 0 || (renew_ms > 0 && now_ms - quota->began_ms >= renew_ms))
		*quota = (struct quota){.began_ms = now_ms};
	if (quota->used == LINES_MAX)
		return QUOTA_SILENT;
	quota->used++;
	return quota->used == LINES_MAX ? QUOTA_LAST : QUOTA_WRITE;
}
