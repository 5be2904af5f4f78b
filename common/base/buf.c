// SPDX-License-Identifier: MPL-2.0
// buf: a growing byte buffer with a ceiling.
#include "common/base/buf.h"

#include "common/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t ceiling) {
	*buf = (struct buf){.ceiling = ceiling};
}

void buf_fini(struct buf *buf) {
	free(buf->data);
	*buf = (struct buf){.ceiling = buf->ceiling};
}

void buf_clear(struct buf *buf) {
	buf->len = 0;
	buf->error = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

// Makes room for `len` more bytes and the NUL.
static int buf_reserve(struct buf *buf, size_t len) {
	size_t ceiling = buf->ceiling == 0 ? BUF_CEILING : buf->ceiling;
	size_t size = buf->size == 0 ? 64 : buf->size;
	size_t wanted;
	char *data;

	if (buf->error != 0)
		return buf->error;
	if (buf->len > ceiling || len > ceiling - buf->len || len >= SIZE_MAX / 2 - buf->len)
		return buf->error = -EMSGSIZE;
	wanted = buf->len + len + 1;
	if (wanted <= buf->size)
		return 0;
	while (size < wanted)
		size *= 2;
	data = realloc(buf->data, size);
	if (data == NULL)
		return buf->error = -ENOMEM;
	buf->data = data;
	buf->size = size;
	return 0;
}

int buf_add(struct buf *buf, const void *bytes, size_t len) {
	int err = buf_reserve(buf, len);

	if (err != 0)
		return err;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_str(struct buf *buf, const char *text) {
	return buf_add(buf, text, strlen(text));
}

int buf_fmt(struct buf *buf, const char *format, ...) {
	va_list args;
	int len;
	int err;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return buf->error = buf->error != 0 ? buf->error : -EMSGSIZE;
	err = buf_reserve(buf, (size_t)len);
	if (err != 0)
		return err;
	va_start(args, format);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
	return 0;
}

static int json_escape(struct buf *buf, uint32_t rune) {
	static const char letters[] = "btn\0fr"; // from 0x08 on

	if (rune == '"' || rune == '\\')
		return buf_add(buf, (const char[]){'\\', (char)rune}, 2);
	if (rune >= '\b' && rune <= '\r' && letters[rune - '\b'] != '\0')
		return buf_add(buf, (const char[]){'\\', letters[rune - '\b']}, 2);
	return buf_fmt(buf, "\\u%04x", (unsigned)rune);
}

// May the character stand as it is? Control characters may not, C1 included.
static bool is_plain(uint32_t rune) {
	return rune >= 0xA0 || (rune >= 0x20 && rune < 0x7F && rune != '"' && rune != '\\');
}

int buf_json(struct buf *buf, const char *text, size_t len) {
	size_t start = 0;
	size_t i = 0;

	while (i < len) {
		uint32_t rune;
		size_t width = utf8_read(text + i, len - i, &rune);

		if (width > 0 && is_plain(rune)) {
			i += width;
			continue;
		}
		buf_add(buf, text + start, i - start);
		if (width == 0)
			buf_str(buf, "\\ufffd");
		else
			json_escape(buf, rune);
		i += width == 0 ? 1 : width;
		start = i;
	}
	return buf_add(buf, text + start, len - start);
}

int buf_json_text(struct buf *buf, const char *text) {
	if (text == NULL)
		return buf_str(buf, "null");
	buf_str(buf, "\"");
	buf_json(buf, text, strlen(text));
	return buf_str(buf, "\"");
}

const char *buf_text(const struct buf *buf) {
	return buf->data == NULL ? "" : buf->data;
}
