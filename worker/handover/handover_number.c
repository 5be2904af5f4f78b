// SPDX-License-Identifier: MPL-2.0
// handover_number: a number in a header, as another program may have written it.
#include "worker/handover/handover_number.h"

int64_t handover_number(const void *value, size_t len, int64_t most) {
	const unsigned char *digits = value;
	int64_t number = 0;

	for (size_t i = 0; i < len; i++) {
		int64_t digit = (int64_t)digits[i] - '0';

		if (digit < 0 || digit > 9 || digit > most || number > (most - digit) / 10)
			return 0;
		number = number * 10 + digit;
	}
	return number;
}
