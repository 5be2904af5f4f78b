// SPDX-License-Identifier: MPL-2.0
// member: we in the consumer group.
#include "worker/member/member.h"

#include "common/kafka/kafka_error.h"
#include "worker/member/claim.h"

#include <stdio.h>

void member_fail(struct member *member, enum source_state state, const char *why) {
	if (member->state != SOURCE_RUNS)
		return;
	member->state = state;
	snprintf(member->error, sizeof(member->error), "%s", why);
}

void member_fail_by(struct member *member, rd_kafka_resp_err_t err) {
	rd_kafka_resp_err_t first = RD_KAFKA_RESP_ERR_NO_ERROR;
	char why[200] = "";

	if (err == RD_KAFKA_RESP_ERR__FATAL)
		first = rd_kafka_fatal_error(member->consumer, why, sizeof(why));
	if (first != RD_KAFKA_RESP_ERR_NO_ERROR)
		err = first;
	if (kafka_classify(err) == KAFKA_FENCED)
		member_fail(member, SOURCE_FENCED, "another worker has the same --instance-id");
	else
		member_fail(member, SOURCE_FAILED, why[0] != '\0' ? why : rd_kafka_err2str(err));
}

void member_give_back_now(struct member *member) {
	member->give_back_ms = 0;
}

bool member_is_at_rest(const struct member *member) {
	const struct holding *holding;

	if (!member->joined || member->revoking || member->holdings.lent > 0 || member->rests)
		return false;
	TAILQ_FOREACH (holding, &member->holdings.list, link) {
		if (holding->read_ahead != NULL || !claim_is_drained(&holding->claim))
			return false;
	}
	return true;
}

bool member_is_leaving(const struct member *member) {
	return member->revoking || member->stopped;
}
