// SPDX-License-Identifier: MPL-2.0
// requote: path and query of a URL in normal form.
#include "common/text/requote.h"

#include "common/text/hex.h"

#include <stdbool.h>
#include <string.h>

enum { PLAIN_BYTES = 8192 };

int requote_escape(const char *text) {
	if (text[0] != '%')
		return -1;
	int high = hex_value(text[1]);
	int low = high < 0 ? -1 : hex_value(text[2]);
	return low < 0 ? -1 : high << 4 | low;
}

static bool is_unreserved(int c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c != '\0' && c < 0x80 && strchr("-._~", c) != NULL);
}

// Whether every '%' begins an escape.
static bool is_escaped(const char *text) {
	for (const char *at = strchr(text, '%'); at != NULL; at = strchr(at + 1, '%')) {
		if (requote_escape(at) < 0)
			return false;
	}
	return true;
}

static char *add_escape(char *out, unsigned char c) {
	static const char digits[] = "0123456789ABCDEF";
	*out++ = '%';
	*out++ = digits[c >> 4];
	*out++ = digits[c & 15];
	return out;
}

static void encode(char *out, size_t size, const char *text, const char *allowed) {
	const bool escaped = is_escaped(text);
	// Two digits, an escape and the NUL always fit.
	char *end = out + size - 5;

	while (*text != '\0' && out < end) {
		unsigned char c = (unsigned char)*text;
		int value = requote_escape(text);
		text += value >= 0 ? 3 : 1;
		if (value >= 0 && !escaped) {
			char *next = add_escape(out + 2, (unsigned char)value);
			add_escape(out, '%'); // over the '%' of the other
			out = next;
			continue;
		}
		if (value >= 0)
			c = (unsigned char)value;
		if (is_unreserved(c) || (value < 0 && strchr(allowed, c) != NULL))
			*out++ = (char)c;
		else
			out = add_escape(out, c);
	}
	*out = '\0';
}

// 1 or 2 when the segment is "." or "..", else 0.
static size_t dot_count(const char *segment, size_t len) {
	return len <= 2 && strspn(segment, ".") >= len ? len : 0;
}

// Takes the last segment of `len` bytes away; returns the length that remains.
static size_t pop(const char *path, size_t len) {
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

// Resolves "." and ".." in place. Never writes more than it has read.
static void drop_dots(char *path) {
	const bool rooted = path[0] == '/';
	const char *at = path;
	size_t len = 0; // of what is kept
	// Segments kept; the one before the first slash is empty.
	size_t count = 0;
	size_t dots;

	for (bool last = false; !last;) {
		size_t segment = strcspn(at, "/");
		last = at[segment] == '\0';
		dots = dot_count(at, segment);
		if (dots == 2 && count > 0) {
			len = pop(path, len);
			count--;
		} else if (dots == 0) {
			if (count++ > 0)
				path[len++] = '/';
			memmove(path + len, at, segment);
			len += segment;
		}
		at += segment + !last;
	}
	if (rooted && len == 0) {
		path[len++] = '/';
	} else {
		// The root itself went with a "..".
		if (rooted && path[0] != '/') {
			memmove(path + 1, path, len++);
			path[0] = '/';
		}
		// What ends with dots is a directory.
		if (dots > 0 && count > 0)
			path[len++] = '/';
	}
	path[len] = '\0';
}

void requote_path(char *out, size_t size, const char *path) {
	// Resolved first, because a '%' that a ".." takes away does not count, and again, because
	// an escape may be a dot.
	char plain[PLAIN_BYTES];
	size_t len = strnlen(path, sizeof(plain) - 1);
	memcpy(plain, path, len);
	plain[len] = '\0';
	drop_dots(plain);
	size_t start = plain[0] != '/';
	out[0] = '/';
	encode(out + start, size - start, plain, "!$&'()*+,;=:@/");
	drop_dots(out);
}

void requote_query(char *out, size_t size, const char *query) {
	encode(out, size, query, "!$&'()*+,;=:@/?");
}
