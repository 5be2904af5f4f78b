// SPDX-License-Identifier: MPL-2.0
// gauge: what a publisher shows of its pass while it runs.
// Thread: the scan thread writes, but for gauge_clear; any reads.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct publisher_counts {
	// Handed to librdkafka, or in a dry run what would be.
	int64_t published;
	int64_t acknowledged;
	int64_t lag; // at the last look; -1: unknown
	bool is_waiting; // for the workers
	int32_t partitions;
};

struct gauge {
	pthread_mutex_t lock;
	struct publisher_counts counts; // without acknowledged
	int64_t *per_partition; // published, counts.partitions of them
};

void gauge_init(struct gauge *gauge);
void gauge_fini(struct gauge *gauge);

// No pass publishes yet.
void gauge_clear(struct gauge *gauge);
// A pass publishes into so many partitions. 0 or -ENOMEM.
int gauge_begin(struct gauge *gauge, int32_t partitions);
void gauge_published(struct gauge *gauge, int32_t partition);
void gauge_set_lag(struct gauge *gauge, int64_t lag);
// Did it wait for the workers until now?
bool gauge_set_waiting(struct gauge *gauge, bool is_waiting);

void gauge_read(struct gauge *gauge, struct publisher_counts *out);
int64_t gauge_published_into(struct gauge *gauge, int32_t partition);
