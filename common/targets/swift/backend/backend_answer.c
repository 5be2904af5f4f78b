// SPDX-License-Identifier: MPL-2.0
// backend_answer: what Swift's account and container servers say.
#include "common/targets/swift/backend/backend_answer.h"

#include "common/http/http_message.h"
#include "common/text/number.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { ACCOUNT_STATUS };
enum { OBJECT_TIME };
enum { LIST_POLICY, LIST_OWN_POLICY, LIST_STATE, LIST_PUT, LIST_DELETED, LIST_TYPE };

const char *const backend_account_headers[] = {
	[ACCOUNT_STATUS] = "X-Account-Status",
	NULL,
};

const char *const backend_object_headers[] = {
	[OBJECT_TIME] = "X-Backend-Timestamp",
	NULL,
};

const char *const backend_list_headers[] = {
	[LIST_POLICY] = "X-Backend-Record-Storage-Policy-Index",
	[LIST_OWN_POLICY] = "X-Backend-Storage-Policy-Index",
	[LIST_STATE] = "X-Backend-Sharding-State",
	[LIST_PUT] = "X-Backend-Put-Timestamp",
	[LIST_DELETED] = "X-Backend-Delete-Timestamp",
	[LIST_TYPE] = "X-Backend-Record-Type",
	NULL,
};

static bool is_status(const struct http_answer *answer, int status) {
	return answer->failure == HTTP_FAILURE_NONE && answer->status == status;
}

enum account_answer backend_answer_account(const struct http_answer *answer) {
	if (answer->failure == HTTP_FAILURE_NONE && answer->status / 100 == 2)
		return ACCOUNT_IS_SEEN;
	if (!is_status(answer, 404))
		return ACCOUNT_DOES_NOT_TELL;
	return strcasecmp(answer->kept[ACCOUNT_STATUS], "Deleted") == 0 ? ACCOUNT_IS_DELETED
									: ACCOUNT_IS_UNKNOWN;
}

enum object_answer backend_answer_object(const struct http_answer *answer) {
	const char *time;

	if (answer->failure == HTTP_FAILURE_NONE && answer->status / 100 == 2)
		return OBJECT_IS_KNOWN;
	if (!is_status(answer, 404))
		return OBJECT_DOES_NOT_TELL;
	time = answer->kept[OBJECT_TIME];
	return time[strspn(time, "0.")] != '\0' ? OBJECT_IS_KNOWN : OBJECT_IS_UNKNOWN;
}

// Swift compares them as texts, which have ten digits before the point and five behind it.
static bool is_deleted(const struct http_answer *answer) {
	const char *put = answer->kept[LIST_PUT], *deleted = answer->kept[LIST_DELETED];

	return deleted[0] != '\0' && strcmp(deleted, "0000000000.00000") > 0 &&
		strcmp(deleted, put) > 0;
}

enum list_answer backend_answer_list(const struct http_answer *answer) {
	const char *state;

	if (is_status(answer, 404))
		return is_deleted(answer) ? LIST_IS_DELETED : LIST_IS_UNKNOWN;
	if (!is_status(answer, 200))
		return LIST_DOES_NOT_TELL;
	if (strcmp(answer->kept[LIST_TYPE], "shard") == 0)
		return LIST_IS_OF_SHARDS;
	state = answer->kept[LIST_STATE];
	if (strcmp(state, "unsharded") == 0 || strcmp(state, "collapsed") == 0)
		return LIST_IS_PAGE;
	if (strcmp(state, "sharding") == 0)
		return LIST_IS_RETIRING;
	return strcmp(state, "sharded") == 0 ? LIST_IS_SHARDED : LIST_DOES_NOT_TELL;
}

int64_t backend_answer_policy(const struct http_answer *answer) {
	const char *record = answer->kept[LIST_POLICY];
	const char *text = record[0] != '\0' ? record : answer->kept[LIST_OWN_POLICY];
	int64_t policy;

	return number_parse(text, strlen(text), 0, INT32_MAX, &policy) < 0 ? -1 : policy;
}
