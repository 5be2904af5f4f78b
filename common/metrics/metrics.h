// SPDX-License-Identifier: MPL-2.0
// metrics: counters, gauges and timings to a DogStatsD agent over UDP.
//
// Lines are `prefix.name:value|type|#tag:value,…` (DogStatsD datagram format). One datagram per
// event while the rate is low; above 64 in 10 ms, equal counters are added up and sent with the
// next flush, so that a fast run does not flood the agent. Never blocks, never fails the caller,
// keeps errno. Thread: any (one lock inside).
#pragma once

#include <stdint.h>

struct metrics; // opaque

// host NULL or empty: *out is NULL and nothing is sent. prefix e.g. "tokenserver". `host` is a name
// or an address; a name is looked up once, here, for two seconds at most. Returns 0, -EINVAL (host
// unknown, port 0), -ETIMEDOUT (the name server does not answer), -ENOMEM, -errno of the socket.
int metrics_open(struct metrics **out, const char *host, uint16_t port, const char *prefix);
const char *metrics_words(int err); // what an error of metrics_open means
void metrics_close(struct metrics *metrics); // flushes; NULL is fine

// tags: "type:force" or NULL. A NULL metrics swallows it.
void metrics_count(struct metrics *metrics, const char *name, int64_t by, const char *tags);
void metrics_gauge(struct metrics *metrics, const char *name, int64_t value, const char *tags);
void metrics_timing(struct metrics *metrics, const char *name, int64_t value_ms, const char *tags);

// Sends what was added up. Call it a few times a second and at the end of a run. now_ms as
// clock_mono_ms.
void metrics_flush(struct metrics *metrics, int64_t now_ms);
