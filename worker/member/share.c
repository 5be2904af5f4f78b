// SPDX-License-Identifier: MPL-2.0
// share: the part of a limit of the whole fleet that a worker may use.
#include "worker/member/share.h"

int64_t share_of(int64_t limit, int32_t held, int32_t total) {
	int64_t part = 0;

	if (total > 0)
		part = held < total ? limit / total * held + limit % total * held / total : limit;
	return part < 1 ? 1 : part;
}

double share_of_rate(double per_s, int32_t held, int32_t total) {
	static const double least = 1; // a second, while nothing is known
	// What it gave back may still be on its way.
	int32_t part = held < 1 ? 1 : held;

	if (total == 0)
		return per_s < least ? per_s : least;
	return part < total ? per_s * part / total : per_s;
}
