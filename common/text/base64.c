// SPDX-License-Identifier: MPL-2.0
// base64: bytes as text, in the three forms that a signed request needs.
#include "common/text/base64.h"

#include <errno.h>
#include <string.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t base64_encode(char *out, const void *bytes, size_t len, enum base64_form form) {
	const char *alphabet = form == BASE64_STANDARD ? standard : url;
	const unsigned char *in = bytes;
	char *at = out;

	for (; len >= 3; len -= 3, in += 3) {
		*at++ = alphabet[in[0] >> 2];
		*at++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		*at++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
		*at++ = alphabet[in[2] & 63];
	}
	if (len > 0) {
		unsigned second = len == 2 ? in[1] : 0;
		*at++ = alphabet[in[0] >> 2];
		*at++ = alphabet[(in[0] & 3U) << 4 | second >> 4];
		if (len == 2)
			*at++ = alphabet[(second & 15) << 2];
		if (form != BASE64_URL_BARE) {
			if (len == 1)
				*at++ = '=';
			*at++ = '=';
		}
	}
	*at = '\0';
	return (size_t)(at - out);
}

int base64_decode_bare(unsigned char *out, size_t max, size_t *len, const char *text) {
	unsigned bits = 0;
	unsigned held = 0; // of bits

	*len = 0;
	for (const char *at = text; *at != '\0'; at++) {
		const char *digit = strchr(url, *at);

		if (digit == NULL)
			return -EINVAL;
		bits = (bits << 6 | (unsigned)(digit - url)) & 0xfff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (*len == max)
			return -EMSGSIZE;
		out[(*len)++] = (unsigned char)(bits >> held);
	}
	// A digit that no byte needs, or the rest of the last one.
	return held == 6 || (bits & ((1U << held) - 1)) != 0 ? -EINVAL : 0;
}
