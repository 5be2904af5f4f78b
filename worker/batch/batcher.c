// SPDX-License-Identifier: MPL-2.0
// batcher: collects tasks of one state until a batch is worth its round trip.
#include "worker/batch/batcher.h"

void batcher_init(
	struct batcher *batcher, enum batch_kind kind, size_t batch_max, int64_t linger_ms
) {
	*batcher = (struct batcher){
		.kind = kind,
		.batch_max = batch_max,
		.linger_ms = linger_ms,
	};
	TAILQ_INIT(&batcher->list);
}

void batcher_add(struct batcher *batcher, struct task *task, int64_t now_ms) {
	if (batcher->count == 0)
		batcher->oldest_ms = now_ms;
	TAILQ_INSERT_TAIL(&batcher->list, task, link);
	batcher->count++;
}

bool batcher_is_ready(const struct batcher *batcher, bool idle, int64_t now_ms) {
	if (batcher->count == 0 || !idle)
		return false;
	return batcher->count >= batcher->batch_max || now_ms >= batcher_due_ms(batcher);
}

int64_t batcher_due_ms(const struct batcher *batcher) {
	return batcher->count == 0 ? INT64_MAX : batcher->oldest_ms + batcher->linger_ms;
}

struct batch *batcher_take(struct batcher *batcher, int64_t now_ms) {
	struct batch *batch = batch_new(
		batcher->kind,
		batcher->count < batcher->batch_max ? batcher->count : batcher->batch_max
	);
	struct task *task;

	while (batch != NULL && batch->count < batcher->batch_max &&
	       (task = TAILQ_FIRST(&batcher->list)) != NULL) {
		TAILQ_REMOVE(&batcher->list, task, link);
		batcher->count--;
		batch->pairs[batch->count++] = (struct work_pair){&task->work, &task->result};
	}
	batcher->oldest_ms = now_ms;
	return batch;
}

void batcher_remove(struct batcher *batcher, struct task *task) {
	TAILQ_REMOVE(&batcher->list, task, link);
	batcher->count--;
}
