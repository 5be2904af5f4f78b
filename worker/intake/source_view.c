// SPDX-License-Identifier: MPL-2.0
// source_view: what is seen of a source from outside.
#include "worker/intake/source_view.h"

// -1: not known.
static int64_t lag_of(const struct member *member, const struct holding *holding) {
	int64_t first, end = -1;
	rd_kafka_resp_err_t err = rd_kafka_get_watermark_offsets(
		member->consumer, holding->topic, holding->claim.partition, &first, &end
	);

	if (err != RD_KAFKA_RESP_ERR_NO_ERROR || end < 0 || holding->claim.committed < 0)
		return -1;
	// A replay takes no more.
	if (end > holding->claim.end)
		end = holding->claim.end;
	return end > holding->claim.committed ? end - holding->claim.committed : 0;
}

// A sum of which a part is not known is not known.
static void add_up(int64_t *sum, int64_t more) {
	*sum = *sum < 0 || more < 0 ? -1 : *sum + more;
}

void source_view_take(const struct member *member, struct source_view *out) {
	const struct holding *holding;

	*out = (struct source_view){.counts = member->counts, .is_assigned = member->joined};
	TAILQ_FOREACH (holding, &member->holdings.list, link) {
		bool is_retry = holding->claim.is_retry;

		*(is_retry ? &out->held_retries : &out->held) += 1;
		out->stuck += holding->claim.stuck ? 1 : 0;
		add_up(is_retry ? &out->lag_retries : &out->lag, lag_of(member, holding));
	}
	if (!member->joined)
		out->lag = out->lag_retries = -1;
}
