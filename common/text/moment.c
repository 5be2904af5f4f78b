// SPDX-License-Identifier: MPL-2.0
// moment: a point in time as an operator writes it.
#include "common/text/moment.h"

#include "common/text/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { S_MS = 1000, M_MS = 60 * S_MS, H_MS = 60 * M_MS, FRACTION_DIGITS = 3 };
static const int64_t d_ms = INT64_C(24) * H_MS;

// --- before now

static int64_t unit_ms(const char *unit, size_t len) {
	if (len == 2 && memcmp(unit, "ms", 2) == 0)
		return 1;
	if (len != 1)
		return 0;
	switch (unit[0]) {
	case 's':
		return S_MS;
	case 'm':
		return M_MS;
	case 'h':
		return H_MS;
	case 'd':
		return d_ms;
	default:
		return 0;
	}
}

static int parse_age(const char *text, int64_t now_ms, int64_t *out) {
	size_t digits = strspn(text, "0123456789");
	size_t len = strcspn(text + digits, " ");
	const char *rest = text + digits + len;
	int64_t unit = unit_ms(text + digits, len);
	int64_t age = 0;

	if (unit == 0 || (rest[0] != '\0' && strcmp(rest, " ago") != 0) ||
	    number_parse(text, digits, 0, INT64_MAX / unit, &age) < 0)
		return -EINVAL;
	if (age * unit > now_ms)
		return -ERANGE;
	*out = now_ms - age * unit;
	return 0;
}

// --- RFC 3339

struct reader {
	const char *at;
	bool is_wrong;
};

// A number of exactly so many digits.
static int read_digits(struct reader *reader, size_t digits, int least, int most) {
	int64_t number = 0;

	if (strspn(reader->at, "0123456789") < digits ||
	    number_parse(reader->at, digits, least, most, &number) < 0) {
		reader->is_wrong = true;
		return least;
	}
	reader->at += digits;
	return (int)number;
}

static bool read_one_of(struct reader *reader, const char *letters) {
	if (reader->at[0] == '\0' || strchr(letters, reader->at[0]) == NULL)
		return false;
	reader->at++;
	return true;
}

static void expect(struct reader *reader, const char *letters) {
	if (!reader->is_wrong && !read_one_of(reader, letters))
		reader->is_wrong = true;
}

static int days_of(int year, int month) {
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static void read_date(struct reader *reader, struct tm *tm) {
	int year = read_digits(reader, 4, 1970, 9999);
	int month;

	expect(reader, "-");
	month = read_digits(reader, 2, 1, 12);
	expect(reader, "-");
	*tm = (struct tm){
		.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = read_digits(reader, 2, 1, days_of(year, month)),
	};
}

// Returns ms.
static int read_fraction(struct reader *reader) {
	int ms = 0;
	int digits = 0;

	while (reader->at[0] >= '0' && reader->at[0] <= '9') {
		if (digits < FRACTION_DIGITS)
			ms = ms * 10 + (reader->at[0] - '0');
		digits++;
		reader->at++;
	}
	reader->is_wrong |= digits == 0;
	for (; digits < FRACTION_DIGITS; digits++)
		ms *= 10;
	return ms;
}

// Returns ms.
static int read_time(struct reader *reader, struct tm *tm) {
	tm->tm_hour = read_digits(reader, 2, 0, 23);
	expect(reader, ":");
	tm->tm_min = read_digits(reader, 2, 0, 59);
	if (!read_one_of(reader, ":"))
		return 0;
	tm->tm_sec = read_digits(reader, 2, 0, 60);
	return read_one_of(reader, ".,") ? read_fraction(reader) : 0;
}

// Returns what the local time is ahead of UTC, in ms.
static int64_t read_offset(struct reader *reader) {
	bool is_behind = reader->at[0] == '-';
	int64_t minutes;

	if (read_one_of(reader, "Zz"))
		return 0;
	expect(reader, "+-");
	minutes = read_digits(reader, 2, 0, 23) * INT64_C(60);
	expect(reader, ":");
	minutes += read_digits(reader, 2, 0, 59);
	return (is_behind ? -minutes : minutes) * M_MS;
}

static int parse_calendar(const char *text, int64_t *out) {
	struct reader reader = {.at = text};
	struct tm tm;
	int64_t offset_ms = 0;
	int ms = 0;

	read_date(&reader, &tm);
	if (!reader.is_wrong && reader.at[0] != '\0') {
		expect(&reader, "Tt ");
		ms = read_time(&reader, &tm);
		offset_ms = read_offset(&reader);
	}
	if (reader.is_wrong || reader.at[0] != '\0')
		return -EINVAL;
	*out = (int64_t)timegm(&tm) * S_MS + ms - offset_ms;
	return *out < 0 ? -ERANGE : 0;
}

int moment_parse(const char *text, int64_t now_ms, int64_t *out) {
	int64_t ms = now_ms;
	int err = 0;

	if (strcmp(text, "now") != 0) {
		err = parse_age(text, now_ms, &ms);
		if (err == -EINVAL)
			err = parse_calendar(text, &ms);
	}
	if (err == 0)
		*out = ms;
	return err;
}

void moment_format(int64_t ms, char out[MOMENT_BYTES]) {
	time_t seconds = (time_t)(ms / S_MS);
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(out, MOMENT_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	if (ms % S_MS != 0)
		len += (size_t)snprintf(out + len, MOMENT_BYTES - len, ".%03d", (int)(ms % S_MS));
	snprintf(out + len, MOMENT_BYTES - len, "Z");
}
