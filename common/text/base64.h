// SPDX-License-Identifier: MPL-2.0
// base64: bytes as text, in the three forms that a signed request needs (RFC 4648). Pure.
// Thread: any.
#pragma once

#include <stddef.h>

enum base64_form {
	BASE64_STANDARD, // + and /, padded
	BASE64_URL, // - and _, padded
	BASE64_URL_BARE, // - and _, not padded
};

// Room for the text of `len` bytes in any form, with its NUL.
#define BASE64_BYTES(len) (((len) + 2) / 3 * 4 + 1)

// Writes text and NUL to `out`, which has room for BASE64_BYTES(len); returns the length of the
// text.
size_t base64_encode(char *out, const void *bytes, size_t len, enum base64_form form);

// Reads a text that BASE64_URL_BARE made. 0; -EINVAL: it is none, or bits that say nothing are set;
// -EMSGSIZE: more bytes than `max`.
int base64_decode_bare(unsigned char *out, size_t max, size_t *len, const char *text);
