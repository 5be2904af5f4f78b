// SPDX-License-Identifier: MPL-2.0
// hex: hexadecimal digits.
#include "common/text/hex.h"

int hex_value(char digit) {
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

int hex_add(struct buf *buf, const unsigned char *bytes, size_t len) {
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++)
		buf_add(buf, (const char[]){digits[bytes[i] >> 4], digits[bytes[i] & 15]}, 2);
	return buf->error;
}
