// SPDX-License-Identifier: MPL-2.0
// verdict: the fate of a candidate, and the small fixed set of reasons for it.
#include "common/verdict.h"

#include <stddef.h>

static const char *const verdict_names[] = {
	[VERDICT_GO] = "go",
	[VERDICT_DONE] = "done",
	[VERDICT_LEFT] = "left",
	[VERDICT_RECHECK] = "recheck",
	[VERDICT_RETRY] = "retry",
	[VERDICT_DENIED] = "denied",
	[VERDICT_FAILED] = "failed",
	[VERDICT_POSTPONED] = "postponed",
};

static const char *const reason_names[] = {
	[REASON_NONE] = "none",
	// left
	[REASON_GONE] = "gone",
	[REASON_YOUNG] = "young",
	[REASON_LIVE] = "live",
	[REASON_CHANGED] = "changed",
	[REASON_NODE_DOWN] = "node_down",
	[REASON_MODIFIED] = "modified",
	[REASON_LEGAL_HOLD] = "legal_hold",
	[REASON_LIMIT] = "limit",
	[REASON_BLOCKED] = "blocked",
	[REASON_IN_WORK] = "in_work",
	// failed, retried or postponed
	[REASON_HTTP_4XX] = "http_4xx",
	[REASON_HTTP_5XX] = "http_5xx",
	[REASON_HTTP_OTHER] = "http_other",
	[REASON_TIMEOUT] = "timeout",
	[REASON_CONNECT] = "connect",
	[REASON_UNKNOWN] = "unknown",
	[REASON_DATABASE] = "database",
	[REASON_FILES] = "files",
	[REASON_STOPPED] = "stopped",
	[REASON_HELD] = "held",
};

_Static_assert(
	sizeof(reason_names) / sizeof(reason_names[0]) == REASON_COUNT, "every reason has a name"
);

static const char *name_at(const char *const *names, size_t count, size_t index) {
	return index < count && names[index] ? names[index] : "invalid";
}

const char *verdict_name(enum verdict verdict) {
	return name_at(
		verdict_names, sizeof(verdict_names) / sizeof(verdict_names[0]), (size_t)verdict
	);
}

const char *reason_name(enum reason reason) {
	return name_at(reason_names, REASON_COUNT, (size_t)reason);
}

bool reason_is_of_node(enum reason reason) {
	switch (reason) {
	case REASON_BLOCKED:
	case REASON_DATABASE:
	case REASON_FILES:
	case REASON_UNKNOWN:
		return false;
	default:
		return true;
	}
}
