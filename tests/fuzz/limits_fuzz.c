// SPDX-License-Identifier: MPL-2.0
// limits_fuzz: no bytes in the state topic make the reader of limits crash, what it does not
// understand has no numbers, and what it takes it can write again.
#include "common/kafka/topics/limits.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void write_again(const struct limits *limits) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	struct limits second;
	size_t len = 0;

	must(pack != NULL);
	must(limits_pack(limits, pack, &data, &len) == 0);
	must(limits_unpack(&second, data, len) == 0);
	must(limits_are_same(limits, &second));
	must(limits->told_ms == second.told_ms && strcmp(limits->who, second.who) == 0);
	pack_free(pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	static const uint8_t nothing = 0;
	struct limits limits;
	char rate[LIMITS_RATE_BYTES];

	must(limits_unpack(&limits, len == 0 ? &nothing : bytes, len) == 0);
	must(limits.is_told == (limits.fault[0] == '\0'));
	if (limits.is_told)
		write_again(&limits);
	else
		must(limits.max_rate == 0 && limits.node_rate == 0 && limits.node_inflight == 0);
	must(limits_rate(limits.max_rate, rate)[0] != '\0');
	return 0;
}
