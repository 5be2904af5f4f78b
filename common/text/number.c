// SPDX-License-Identifier: MPL-2.0
// number: whole numbers as people write them.
#include "common/text/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int number_parse(const char *text, int64_t *out) {
	static const char blanks[] = " \t\r\n";
	const char *start = text + strspn(text, blanks);
	const char *digits = start + (*start == '-' || *start == '+');
	size_t len = strspn(digits, "0123456789");
	const char *rest = digits + len;

	if (len == 0 || rest[strspn(rest, blanks)] != '\0')
		return -EINVAL;
	*out = strtoll(start, NULL, 10);
	return 0;
}
