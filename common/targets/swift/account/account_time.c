// SPDX-License-Identifier: MPL-2.0
// account_time: points in time as Swift writes them.
#include "common/targets/swift/account/account_time.h"

#include "common/text/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define US_PER_S ((int64_t)1000000)

enum { DECIMALS_MOST = 6, OFFSET_DIGITS_MOST = 16 };

// Ten digits reach to the year 2286.
#define SECONDS_MOST INT64_C(9999999999)

// Behind the underscore: as Swift writes it, in hexadecimal digits.
static bool is_offset(const char *text) {
	size_t len = strspn(text, "0123456789abcdefABCDEF");

	return len > 0 && len <= OFFSET_DIGITS_MOST && text[len] == '\0';
}

int account_time_read(const char *text, int64_t *out_us) {
	size_t len = strcspn(text, "_");
	const char *point = memchr(text, '.', len);
	size_t whole = point == NULL ? len : (size_t)(point - text);
	size_t decimals = point == NULL ? 0 : len - whole - 1;
	int64_t seconds, fraction = 0;

	if (number_parse(text, whole, 0, SECONDS_MOST, &seconds) < 0 || decimals > DECIMALS_MOST)
		return -EINVAL;
	if (text[len] == '_' && !is_offset(text + len + 1))
		return -EINVAL;
	if (point != NULL && number_parse(point + 1, decimals, 0, US_PER_S - 1, &fraction) < 0)
		return -EINVAL;
	for (; decimals < DECIMALS_MOST; decimals++)
		fraction *= 10;
	*out_us = seconds * US_PER_S + fraction;
	return 0;
}

void account_time_iso(int64_t time_us, char out[ACCOUNT_TIME_ISO_BYTES]) {
	time_t seconds = (time_t)(time_us / US_PER_S);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(out, ACCOUNT_TIME_ISO_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, ACCOUNT_TIME_ISO_BYTES - len, ".%06" PRId64, time_us % US_PER_S);
}
