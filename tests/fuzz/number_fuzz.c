// SPDX-License-Identifier: MPL-2.0
// number_fuzz: the number of a header is within its bounds, whatever the header says.
#include "fuzz/fuzz.h"
#include "worker/handover/handover_number.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	static const int64_t most[] = {0, 9, 1000000, INT64_MAX};

	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		int64_t number = handover_number(bytes, len, most[i]);

		must(number >= 0 && number <= most[i]);
	}
	return 0;
}
