// SPDX-License-Identifier: MPL-2.0
// buf: a growing byte buffer with a ceiling; always NUL-terminated, so text can be read in place.
//
// Errors stick: after -ENOMEM or -EMSGSIZE every append fails and `buf_error` says why, so a caller
// may append many times and ask once. Thread: the owner's.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; // NULL until the first append
	size_t len;
	size_t size; // allocated
	size_t ceiling; // 0: BUF_CEILING
	int error; // 0, -ENOMEM, -EMSGSIZE
};

#define BUF_CEILING ((size_t)16 << 20)

void buf_init(struct buf *buf, size_t ceiling);
void buf_fini(struct buf *buf); // a zeroed buf is fine
void buf_clear(struct buf *buf); // keeps the memory, forgets the error

int buf_add(struct buf *buf, const void *bytes, size_t len);
int buf_str(struct buf *buf, const char *text);
int buf_fmt(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Appends `text` as the inside of a JSON string (quotes not included); bytes that are not UTF-8
// become \ufffd.
int buf_json(struct buf *buf, const char *text, size_t len);
// Appends `text` as a whole JSON string, with its quotes; NULL: null.
int buf_json_text(struct buf *buf, const char *text);

const char *buf_text(const struct buf *buf); // "" when empty; never NULL
