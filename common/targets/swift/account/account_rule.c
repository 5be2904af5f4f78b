// SPDX-License-Identifier: MPL-2.0
// account_rule: is an account to be emptied?
#include "common/targets/swift/account/account_rule.h"

#include "common/targets/swift/account/account_time.h"

#include <string.h>

#define US_PER_S ((int64_t)1000000)

// Of a half undeleted account the times alone say so.
static bool is_deleted(const struct account_standing *standing) {
	return strcmp(standing->status, "DELETED") == 0 ||
		strcmp(standing->delete_timestamp, standing->put_timestamp) > 0;
}

enum account_due account_rule(
	const struct account_standing *standing, const struct account_terms *terms
) {
	int64_t deleted_us;

	if (!is_deleted(standing))
		return ACCOUNT_LIVE;
	if (standing->containers == 0 && standing->pending_bytes == 0)
		return ACCOUNT_EMPTY;
	if (account_time_read(standing->delete_timestamp, &deleted_us) < 0)
		return ACCOUNT_ODD;
	return terms->now_us - deleted_us <= terms->delay_s * US_PER_S ? ACCOUNT_YOUNG
								       : ACCOUNT_DUE;
}

bool account_is_overdue(
	const struct account_standing *standing, const struct account_terms *terms
) {
	int64_t deleted_us;

	return account_time_read(standing->delete_timestamp, &deleted_us) == 0 &&
		terms->now_us - deleted_us >= (terms->warn_after_s + terms->delay_s) * US_PER_S;
}
