// SPDX-License-Identifier: MPL-2.0
// http_header: what the headers of an answer ask of us.
#include "common/http/http_header.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct span {
	const char *text;
	size_t len;
};

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static struct span trim(struct span span) {
	while (span.len > 0 && is_blank(span.text[0])) {
		span.text++;
		span.len--;
	}
	while (span.len > 0 && is_blank(span.text[span.len - 1]))
		span.len--;
	return span;
}

// Seconds, perhaps with decimals: milliseconds, rounded up; -1 when it is something else.
static int64_t parse_seconds(struct span span) {
	int64_t ms = 0;
	size_t i = 0;

	for (; i < span.len && is_digit(span.text[i]); i++) {
		if (ms < HTTP_HEADER_HOLD_MAX_MS)
			ms = ms * 10 + (int64_t)(span.text[i] - '0') * 1000;
	}
	if (i == 0)
		return -1;
	if (i < span.len && span.text[i] == '.') {
		bool more = false;

		i++;
		for (int64_t unit_ms = 100; i < span.len && is_digit(span.text[i]); i++) {
			ms += (span.text[i] - '0') * unit_ms;
			more |= unit_ms == 0 && span.text[i] != '0';
			unit_ms /= 10;
		}
		ms += more ? 1 : 0;
	}
	if (i != span.len)
		return -1;
	return ms > HTTP_HEADER_HOLD_MAX_MS ? HTTP_HEADER_HOLD_MAX_MS : ms;
}

int64_t http_header_date_s(const char *text, size_t len) {
	static const char *const formats[] = {
		"%a, %d %b %Y %H:%M:%S GMT",
		"%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %e %H:%M:%S %Y",
	};
	char copy[48];

	if (len >= sizeof(copy))
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm tm = {0};
		const char *end = strptime(copy, formats[i], &tm);
		int64_t date_s;

		if (end == NULL || end != copy + len)
			continue;
		date_s = timegm(&tm);
		return date_s > 0 ? date_s : 0;
	}
	return 0;
}

static void read_wait(struct http_header_hints *hints, struct span value) {
	int64_t ms = parse_seconds(value);

	if (ms > hints->wait_ms)
		hints->wait_ms = ms;
}

static void read_retry_after(struct http_header_hints *hints, struct span value) {
	int64_t date_s;

	if (value.len > 0 && is_digit(value.text[0])) {
		read_wait(hints, value);
		return;
	}
	date_s = http_header_date_s(value.text, value.len);
	if (date_s > hints->retry_at_s)
		hints->retry_at_s = date_s;
}

// Is the line this header's? Then *value is what it says.
static bool is_header(const char *name, const char *line, size_t len, struct span *value) {
	size_t name_len = strlen(name);

	if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
		return false;
	*value = trim((struct span){line + name_len + 1, len - name_len - 1});
	return true;
}

static void keep(struct http_header_hints *hints, const char *line, size_t len) {
	struct span value;

	for (size_t i = 0; hints->keep != NULL && i < HTTP_KEPT_MAX && hints->keep[i] != NULL; i++)
		if (is_header(hints->keep[i], line, len, &value))
			snprintf(
				hints->kept[i],
				sizeof(hints->kept[i]),
				"%.*s",
				(int)(value.len < HTTP_KEPT_BYTES ? value.len : HTTP_KEPT_BYTES),
				value.text
			);
}

void http_header_read(struct http_header_hints *hints, const char *line, size_t len) {
	struct span value;

	if (is_header("Date", line, len, &value))
		hints->date_s = http_header_date_s(value.text, value.len);
	else if (is_header("Retry-After", line, len, &value))
		read_retry_after(hints, value);
	for (const char *const *name = hints->wait_names; name != NULL && *name != NULL; name++)
		if (is_header(*name, line, len, &value))
			read_wait(hints, value);
	keep(hints, line, len);
}

int64_t http_header_hold_ms(const struct http_header_hints *hints, int64_t now_s) {
	int64_t hold_ms = hints->wait_ms;

	if (hints->retry_at_s > 0) {
		int64_t from_s = hints->date_s > 0 ? hints->date_s : now_s;
		int64_t date_ms = (hints->retry_at_s - from_s) * 1000;

		if (date_ms > hold_ms)
			hold_ms = date_ms;
	}
	return hold_ms > HTTP_HEADER_HOLD_MAX_MS ? HTTP_HEADER_HOLD_MAX_MS : hold_ms;
}
