// SPDX-License-Identifier: MPL-2.0
// whole_number: whole numbers as people write them.
#include "common/targets/softdelete/config/whole_number.h"

#include "common/text/number.h"

#include <errno.h>
#include <string.h>

int whole_number_read(const char *text, int64_t *out) {
	static const char blanks[] = " \t\r\n";
	const char *start = text + strspn(text, blanks);
	size_t len = strlen(start);
	int err;

	while (len > 0 && strchr(blanks, start[len - 1]) != NULL)
		len--;
	err = number_parse(start, len, INT64_MIN, INT64_MAX, out);
	if (err != -ERANGE)
		return err;
	*out = *start == '-' ? INT64_MIN : INT64_MAX;
	return 0;
}
