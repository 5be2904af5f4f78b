// SPDX-License-Identifier: MPL-2.0
// admission: how many records a worker takes in now.
#include "worker/admission.h"

#include "common/target/target_remover.h"

#include <stdint.h>

// So few at a time that their rows, which nobody knows before, are not many too many.
enum { BY_ROWS = 8 };

size_t admission_room(const struct pace_limits *limits, const struct shift *shift) {
	int64_t rows_max = shift->target->remover->rows_max;
	size_t window = pace_window(limits);
	size_t most = rows_max > 0 ? BY_ROWS : ADMISSION_MOST;
	size_t left;

	if (shift->is_paused || shift->quitting || shift->in_work >= window)
		return 0;
	if (rows_max > 0 && shift->rows_in_work >= rows_max)
		return 0;
	left = window - shift->in_work;
	return left < most ? left : most;
}
