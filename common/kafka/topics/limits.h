// SPDX-License-Identifier: MPL-2.0
// limits: how much a whole fleet may do at once, as a worker told it, and as the state topic keeps
// it. It is told to whoever asks; nobody obeys it. Pure. Thread: any.
#pragma once

#include "common/pack/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMITS_KEY "limits"
enum { LIMITS_WHO_BYTES = 400, LIMITS_FAULT_BYTES = 120, LIMITS_RATE_BYTES = 48 };

struct limits {
	// Else nothing is known of what follows, but the fault.
	bool is_told;
	// In thousandths a second; 0: no limit.
	int64_t max_rate, node_rate;
	int64_t node_inflight;
	int64_t told_ms; // since 1970
	char who[LIMITS_WHO_BYTES]; // "": unknown
	// Why the record is none that we understand; "": it is, or there is none.
	char fault[LIMITS_FAULT_BYTES];
};

// In thousandths; one that is no limit stays so, and no other one becomes so.
int64_t limits_of_rate(double per_s);
// In words, without a unit: "500", "0.25".
const char *limits_rate(int64_t thousandths, char out[LIMITS_RATE_BYTES]);

// 0 or an error as pack_data.
int limits_pack(
	const struct limits *limits, struct pack *pack, const unsigned char **data, size_t *len
);
// What a value says. NULL bytes: there is none, or it was deleted; nothing is told. 0 or -ENOMEM.
int limits_unpack(struct limits *out, const void *bytes, size_t len);
// Do both tell the same numbers? Who told them, and when, is something else.
bool limits_are_same(const struct limits *a, const struct limits *b);
