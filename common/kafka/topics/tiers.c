// SPDX-License-Identifier: MPL-2.0
// tiers: the delays of the retry topics that records are handed over to.
#include "common/kafka/topics/tiers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int64_t ms;
	const char *name;
} units[] = {{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};

struct topic_tiers topic_tiers_of(int64_t delay_ms) {
	static const int64_t factors[] = {1, 10, 60};
	static const int64_t most_ms = (int64_t)TOPIC_RETRY_DELAY_MAX_S * 1000;
	struct topic_tiers tiers = {.count = 0};

	for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
		int64_t ms = delay_ms < most_ms / factors[i] ? delay_ms * factors[i] : most_ms;

		if (tiers.count == 0 || ms > tiers.delay_ms[tiers.count - 1])
			tiers.delay_ms[tiers.count++] = ms;
	}
	return tiers;
}

bool topic_tiers_have(const struct topic_tiers *tiers, int64_t delay_ms) {
	for (size_t i = 0; i < tiers->count; i++)
		if (tiers->delay_ms[i] == delay_ms)
			return true;
	return false;
}

void topic_delay_write(int64_t delay_ms, char *out, size_t out_bytes) {
	size_t i = 0;

	if (delay_ms <= 0) {
		snprintf(out, out_bytes, "0s");
		return;
	}
	while (delay_ms % units[i].ms != 0)
		i++;
	snprintf(out, out_bytes, "%" PRId64 "%s", delay_ms / units[i].ms, units[i].name);
}

int topic_delay_read(const char *text, int64_t *delay_ms) {
	static const int64_t most = (int64_t)1000 * 1000 * 1000 * 1000;
	int64_t number = 0;

	for (; *text >= '0' && *text <= '9' && number < most; text++)
		number = number * 10 + (*text - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		*delay_ms = number * units[i].ms;
		return 0;
	}
	return -EINVAL;
}

void topic_tiers_write(const struct topic_tiers *tiers, char *out, size_t out_bytes) {
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < tiers->count && len + 1 < out_bytes; i++) {
		if (i > 0)
			out[len++] = ',';
		topic_delay_write(tiers->delay_ms[i], out + len, out_bytes - len);
		len += strlen(out + len);
	}
}
