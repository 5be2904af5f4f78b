// SPDX-License-Identifier: MPL-2.0
// utf8: one character of a text after the other.
#include "common/text/utf8.h"

size_t utf8_read(const char *text, uint32_t *rune) {
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)text;
	uint32_t value = at[0];
	size_t len;

	if (value < 0x80) {
		*rune = value;
		return 1;
	}
	if (value >= 0xc2 && value < 0xe0) {
		len = 2;
		value &= 0x1f;
	} else if (value >= 0xe0 && value < 0xf0) {
		len = 3;
		value &= 0x0f;
	} else if (value >= 0xf0 && value < 0xf5) {
		len = 4;
		value &= 0x07;
	} else {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		// The NUL at the end is no continuation either.
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*rune = value;
	return len;
}
