// SPDX-License-Identifier: MPL-2.0
// number_fuzz: a number is within its bounds, whatever the text says, or there is none.
#include "common/text/number.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	static const struct {
		int64_t least, most;
	} bounds[] = {
		{0, 0},
		{0, 9},
		{0, 1000000},
		{0, INT64_MAX},
		{1, UINT16_MAX},
		{-1, 9},
		{INT64_MIN, INT64_MAX},
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		int64_t number = -2;
		int err = number_parse(
			(const char *)bytes, len, bounds[i].least, bounds[i].most, &number
		);

		must(err == 0 || number == -2);
		must(err < 0 || (number >= bounds[i].least && number <= bounds[i].most));
	}
	return 0;
}
