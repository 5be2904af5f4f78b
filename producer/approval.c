// SPDX-License-Identifier: MPL-2.0
// approval: has the target count what may go, and asks the guard whether so much may.
#include "producer/approval.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>

static bool is_counted(const struct estimate *estimate, const struct producer_options *options) {
	return estimate->eligible >= 0 && estimate->eligible_exact &&
		estimate->eligible_ms <= options->backlog_ms;
}

int approval_ask(
	struct ask *ask,
	struct pass *pass,
	const struct producer_options *options,
	struct approval *out
) {
	struct estimate estimate, by_target, limited;
	int64_t left_ms = options->max_fraction > 0 ? options->estimate_ms : options->backlog_ms;
	int64_t staying = -1;
	int64_t enough;
	int err = ask_estimate(ask, pass, &left_ms, &estimate);

	if (err < 0)
		return err;
	by_target = guard_by_target(&estimate);
	limited = guard_limited(&by_target, options->max_records, options->scan_only);
	if (!is_counted(&estimate, options))
		LOG(ask->log,
		    LOG_LEVEL_WARNING,
		    "the backlog could not be counted in time; its size is not sent");
	enough = guard_enough(&limited, estimate.eligible, options->max_fraction);
	if (enough > 0)
		err = ask_staying(ask, pass, &left_ms, enough, &staying);
	if (err < 0)
		return err;
	*out = (struct approval){
		.backlog = estimate.eligible_exact ? estimate.eligible : -1,
		.is_limited = estimate.is_limited,
		.is_counted = is_counted(&estimate, options),
		.verdict = guard_decide(
			&limited, estimate.eligible, staying, options->max_fraction
		),
	};
	out->wanted = out->backlog < 0 ? -1 : by_target.eligible;
	return 0;
}

int approval_heed(
	const struct approval *approval, const struct producer_options *options, struct pass *pass
) {
	enum guard_outcome outcome = approval->verdict.outcome;

	if (outcome != GUARD_REFUSED && outcome != GUARD_UNKNOWN)
		return 0;
	snprintf(pass->facts.error, sizeof(pass->facts.error), "%s", approval->verdict.message);
	return options->dryrun ? 0 : -EPERM;
}
