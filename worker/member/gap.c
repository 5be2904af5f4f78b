// SPDX-License-Identifier: MPL-2.0
// gap: which records of one partition were deleted before they could be taken.
//
// Design notes
// - Offsets are passed over as well where a transaction ended or was given up. So they prove
//   nothing: only what is below the log's beginning was deleted.
// - Gaps that come while another one is asked about are added up: the beginning has moved past the
//   older ones.
#include "worker/member/gap.h"

void gap_init(struct gap *gap) {
	*gap = (struct gap){0};
}

void gap_note(struct gap *gap, int64_t expected, int64_t offset) {
	if (expected < 0 || offset <= expected)
		return;
	if (gap->open.count == 0)
		gap->open.from = expected;
	gap->open.count += offset - expected;
}

bool gap_is_open(const struct gap *gap) {
	return gap->open.count > 0 || gap->asked.count > 0;
}

bool gap_ask(struct gap *gap) {
	if (gap->asked.count == 0) {
		gap->asked = gap->open;
		gap->open = (struct gap_part){0};
	}
	return gap->asked.count > 0;
}

int64_t gap_answer(struct gap *gap, int64_t begin) {
	struct gap_part asked = gap->asked;
	int64_t below = begin > asked.from ? begin - asked.from : 0;

	gap->asked = (struct gap_part){0};
	return below < asked.count ? below : asked.count;
}
