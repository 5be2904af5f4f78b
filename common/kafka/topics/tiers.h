// SPDX-License-Identifier: MPL-2.0
// tiers: the delays of the retry topics that records are handed over to. Pure.
// Thread: any.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOPIC_TIERS_MAX = 5 };
struct topic_tiers {
	int64_t delay_ms[TOPIC_TIERS_MAX]; // rising
	size_t count; // at least 1
};

#define TOPIC_TIERS "1m,10m,1h,6h" // what --retry-tiers is when it is not given
enum { TOPIC_TIER_MIN_S = 1, TOPIC_TIER_MAX_S = 24 * 60 * 60 };

// Those of --retry-delay: it, ten times and sixty times of it, each at most an hour, every delay
// once.
enum { TOPIC_RETRY_DELAY_MIN_S = 1, TOPIC_RETRY_DELAY_MAX_S = 60 * 60 };
struct topic_tiers topic_tiers_of(int64_t delay_ms);

// Is one of them this delay?
bool topic_tiers_have(const struct topic_tiers *tiers, int64_t delay_ms);

// A delay in its largest whole unit: "45s", "1m", "90s", "1h"; "1500ms" when it is no whole second.
enum { TOPIC_DELAY_BYTES = 32 };
void topic_delay_write(int64_t delay_ms, char *out, size_t out_bytes);
// A number and its unit, whole or not: what is written again may differ. 0, -EINVAL.
int topic_delay_read(const char *text, int64_t *delay_ms);

// As --retry-tiers takes them: "1m,10m".
enum { TOPIC_TIERS_BYTES = TOPIC_TIERS_MAX * TOPIC_DELAY_BYTES };
void topic_tiers_write(const struct topic_tiers *tiers, char *out, size_t out_bytes);
