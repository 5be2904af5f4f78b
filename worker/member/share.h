// SPDX-License-Identifier: MPL-2.0
// share: the part of a limit of the whole fleet that a worker may use: as much of it as it holds of
// the partitions. Pure. Thread: any.
#pragma once

#include <stdint.h>

// At least 1. `total` 0: not known, which is the smallest share.
int64_t share_of(int64_t limit, int32_t held, int32_t total);
// The same for a limit per second; 0: no limit, which stays so. Never 0 else.
double share_of_rate(double per_s, int32_t held, int32_t total);
