// SPDX-License-Identifier: MPL-2.0
// source_tell: what the log says of each record, for debugging: nothing bounds it but the level.
#include "common/base/log.h"
#include "worker/intake/source_state.h"

void source_tell_handed_over(
	const struct source *source, const struct loan *loan, const struct handover_place *place
) {
	LOG(source->setup.log,
	    LOG_LEVEL_DEBUG,
	    "record handed over",
	    log_str("id", loan->candidate == NULL ? NULL : loan->candidate->id),
	    log_str("topic", source_handover_topic(&source->setup, source_handover_index(loan))),
	    log_int("partition", place->partition),
	    log_int("offset", place->offset));
}

void source_tell_expired(const struct source *source, const struct loan *loan) {
	LOG(source->setup.log,
	    LOG_LEVEL_DEBUG,
	    "record waited too long; the next full pass finds it again",
	    log_str("id", loan->candidate->id));
}
