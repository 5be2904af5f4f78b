// SPDX-License-Identifier: MPL-2.0
// utf8: one character of a text after the other.
#include "common/base/utf8.h"

// What the first byte says: how long the character is, and its highest bits.
static size_t read_lead(unsigned char lead, uint32_t *bits) {
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	if (lead < 0xe0) {
		*bits = lead & 0x1f;
		return 2;
	}
	if (lead < 0xf0) {
		*bits = lead & 0x0f;
		return 3;
	}
	*bits = lead & 0x07;
	return 4;
}

size_t utf8_read_long(const char *text, size_t len, uint32_t *rune) {
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)text;
	uint32_t value = 0;
	size_t wanted = len == 0 ? 0 : read_lead(at[0], &value);

	if (wanted == 0 || len < wanted)
		return 0;
	for (size_t i = 1; i < wanted; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < least[wanted] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*rune = value;
	return wanted;
}
