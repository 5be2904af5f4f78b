// SPDX-License-Identifier: MPL-2.0
// source_count: how many partitions the topics have.
#include "worker/source_count.h"

#include "worker/inquiry.h"

#include <errno.h>
#include <stdlib.h>

enum { ASK_MS = 2000 };

struct source_count {
	struct source_count_setup setup;
	struct inquiry *inquiry;
	bool is_wanted; // once more, when the answer that is out has come
	int32_t partitions;
	int32_t retry_partitions;
};

static bool ask(void *ctx) {
	struct source_count *count = ctx;
	const struct source_count_setup *setup = &count->setup;

	return kafka_partition_count(setup->handle, setup->topic, ASK_MS, &count->partitions) ==
		0 &&
		kafka_partition_count(
			setup->handle, setup->retry_topic, ASK_MS, &count->retry_partitions
		) == 0;
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

bool source_count_take(struct source_count *count, int32_t *partitions, int32_t *retry_partitions) {
	if (!inquiry_take(count->inquiry))
		return false;
	*partitions = count->partitions;
	*retry_partitions = count->retry_partitions;
	if (count->is_wanted)
		source_count_ask(count);
	return true;
}
