// SPDX-License-Identifier: MPL-2.0
// source_asks: the parts that ask the brokers something, each on a thread of its own (inquiry.h).
#include "worker/intake/source_state.h"

static int open_count(struct source *source) {
	struct source_count_setup count = {
		.handle = source->consumer,
		.topic_count = 1 + source->setup.retry_count,
		.wake_fd = source->serve_fd,
	};

	for (size_t i = 0; i < count.topic_count; i++)
		count.topics[i] = source_topic(&source->setup, i);
	return source_count_new(&source->count, &count);
}

int source_asks_open(struct source *source) {
	int err = open_count(source);

	if (err == 0)
		err = source_log_new(&source->watch, source->consumer, source->serve_fd);
	if (err == 0)
		err = source_gap_new(&source->gap, source->consumer, source->serve_fd);
	if (err == 0)
		err = source_proof_new(&source->proof, source);
	if (err == 0 && source->setup.look_whose != NULL)
		err = source_scope_new(&source->scope, source);
	if (err == 0)
		err = source_peers_new(&source->peers, source);
	return err;
}

void source_asks_close(struct source *source) {
	source_count_free(source->count);
	source_log_free(source->watch);
	source_gap_free(source->gap);
	source_proof_free(source->proof);
	source_scope_free(source->scope);
	source_peers_free(source->peers);
}
