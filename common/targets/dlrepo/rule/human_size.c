// SPDX-License-Identifier: MPL-2.0
// human_size: a number of bytes as dlrepo writes it.
#include "common/targets/dlrepo/rule/human_size.h"

#include <stdio.h>

void human_size(int64_t bytes, char out[HUMAN_SIZE_BYTES]) {
	static const char *const units[] = {"", "K", "M", "G", "T"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	if (bytes == 0)
		snprintf(out, HUMAN_SIZE_BYTES, "0");
	else
		snprintf(out, HUMAN_SIZE_BYTES, "%.*f%s", value < 100 ? 1 : 0, value, units[unit]);
}
