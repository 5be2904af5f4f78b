// SPDX-License-Identifier: MPL-2.0
// number: decimal whole numbers.
#include "common/text/number.h"

#include <errno.h>
#include <stdbool.h>

int number_parse(const char *text, size_t len, int64_t least, int64_t most, int64_t *out) {
	bool has_sign = least < 0 && len > 0 && (text[0] == '-' || text[0] == '+');
	bool is_negative = has_sign && text[0] == '-';
	int64_t number = 0;
	bool fits = true;
	size_t at = has_sign ? 1 : 0;

	if (at == len)
		return -EINVAL;
	for (; at < len; at++) {
		int64_t digit = text[at] - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		fits = fits && !__builtin_mul_overflow(number, 10, &number) &&
			!__builtin_add_overflow(number, is_negative ? -digit : digit, &number);
	}
	if (!fits || number < least || number > most)
		return -ERANGE;
	*out = number;
	return 0;
}
