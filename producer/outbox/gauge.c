// SPDX-License-Identifier: MPL-2.0
// gauge: what a publisher shows of its pass while it runs.
#include "producer/outbox/gauge.h"

#include <errno.h>
#include <stdlib.h>

void gauge_init(struct gauge *gauge) {
	*gauge = (struct gauge){.counts = {.lag = -1}};
	pthread_mutex_init(&gauge->lock, NULL);
}

void gauge_fini(struct gauge *gauge) {
	free(gauge->per_partition);
	pthread_mutex_destroy(&gauge->lock);
}

void gauge_clear(struct gauge *gauge) {
	pthread_mutex_lock(&gauge->lock);
	gauge->counts = (struct publisher_counts){.lag = -1};
	pthread_mutex_unlock(&gauge->lock);
}

int gauge_begin(struct gauge *gauge, int32_t partitions) {
	int64_t *per_partition = calloc((size_t)partitions, sizeof(*per_partition));

	if (per_partition == NULL)
		return -ENOMEM;
	pthread_mutex_lock(&gauge->lock);
	free(gauge->per_partition);
	gauge->per_partition = per_partition;
	gauge->counts = (struct publisher_counts){.lag = -1, .partitions = partitions};
	pthread_mutex_unlock(&gauge->lock);
	return 0;
}

void gauge_published(struct gauge *gauge, int32_t partition) {
	pthread_mutex_lock(&gauge->lock);
	gauge->counts.published++;
	gauge->per_partition[partition]++;
	pthread_mutex_unlock(&gauge->lock);
}

void gauge_set_lag(struct gauge *gauge, int64_t lag) {
	pthread_mutex_lock(&gauge->lock);
	gauge->counts.lag = lag;
	pthread_mutex_unlock(&gauge->lock);
}

bool gauge_set_waiting(struct gauge *gauge, bool is_waiting) {
	bool was_waiting;

	pthread_mutex_lock(&gauge->lock);
	was_waiting = gauge->counts.is_waiting;
	gauge->counts.is_waiting = is_waiting;
	pthread_mutex_unlock(&gauge->lock);
	return was_waiting;
}

void gauge_read(struct gauge *gauge, struct publisher_counts *out) {
	pthread_mutex_lock(&gauge->lock);
	*out = gauge->counts;
	pthread_mutex_unlock(&gauge->lock);
}

int64_t gauge_published_into(struct gauge *gauge, int32_t partition) {
	int64_t published = 0;

	pthread_mutex_lock(&gauge->lock);
	if (partition < gauge->counts.partitions)
		published = gauge->per_partition[partition];
	pthread_mutex_unlock(&gauge->lock);
	return published;
}
