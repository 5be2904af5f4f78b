// SPDX-License-Identifier: MPL-2.0
// source_count: how many partitions the topics have, and whether they can be seen.
#include "worker/inquiry/source_count.h"

#include "common/kafka/kafka_ask.h"
#include "worker/inquiry/inquiry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_MS = 1000 };

struct source_count {
	struct source_count_setup setup;
	struct inquiry *inquiry;
	// Once more, when the answer that is out has come.
	bool is_wanted;
	int32_t partitions[SOURCE_COUNT_TOPICS];
};

static bool ask(void *ctx) {
	struct source_count *count = ctx;
	const struct source_count_setup *setup = &count->setup;

	for (size_t i = 0; i < setup->topic_count; i++) {
		int err = kafka_partition_count(
			setup->handle, setup->topics[i], ASK_MS, &count->partitions[i]
		);

		if (err == -EAGAIN)
			return false;
		if (err < 0)
			count->partitions[i] = err;
	}
	return true;
}

int source_count_new(struct source_count **out, const struct source_count_setup *setup) {
	struct source_count *count = calloc(1, sizeof(*count));
	int err;

	if (count == NULL)
		return -ENOMEM;
	count->setup = *setup;
	err = inquiry_new(
		&count->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = count, .wake_fd = setup->wake_fd}
	);
	if (err < 0) {
		free(count);
		return err;
	}
	*out = count;
	return 0;
}

void source_count_free(struct source_count *count) {
	if (count == NULL)
		return;
	inquiry_free(count->inquiry);
	free(count);
}

void source_count_ask(struct source_count *count) {
	count->is_wanted = inquiry_is_out(count->inquiry);
	if (!count->is_wanted)
		inquiry_start(count->inquiry);
}

bool source_count_take(struct source_count *count, int32_t partitions[SOURCE_COUNT_TOPICS]) {
	if (!inquiry_take(count->inquiry))
		return false;
	memcpy(partitions, count->partitions, sizeof(count->partitions));
	if (count->is_wanted)
		source_count_ask(count);
	return true;
}
