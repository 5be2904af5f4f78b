// SPDX-License-Identifier: MPL-2.0
// share: the part of a limit of the whole fleet that a worker may use.
#include "cli/share.h"

int64_t share_of(int64_t limit, int32_t held, int32_t total) {
	int64_t part = 0;

	if (total > 0)
		part = held < total ? limit / total * held + limit % total * held / total : limit;
	return part < 1 ? 1 : part;
}
