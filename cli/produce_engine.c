// SPDX-License-Identifier: MPL-2.0
// produce_engine: scan and publisher, joined by the journal of passes.
#include "cli/produce_engine.h"

#include "cli/front/front.h"
#include "cli/options/produce_options.h"
#include "common/base/wake.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/journal.h"
#include "producer/outbox/lock_choice.h"
#include "producer/outbox/publisher.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void wake(void *ctx) {
	wake_ring(((const struct produce_engine *)ctx)->wake_fd);
}

static int choose_lock(
	const struct produce_engine *engine, struct lock **out, char *error, size_t error_bytes
) {
	const struct produce_own_options *own = &engine->options->own;
	const struct lock_wish wish = {
		.target = engine->front->target,
		.location = engine->front->location,
		.is_alone = own->single_producer,
		.url = own->lock_url,
		.owner = engine->options->kafka.topic_prefix,
	};
	int err = lock_choice_new(out, &wish);

	if (err == -EINVAL && own->lock_url != NULL)
		snprintf(
			error,
			error_bytes,
			"'--lock-url' wants mysql://user:password@host:port/database, and only "
			"for a directory that several hosts could scan"
		);
	return err;
}

static int open_publisher(struct produce_engine *engine) {
	const struct front *front = engine->front;
	const struct produce_options *options = engine->options;
	const struct publisher_setup publisher = {
		.kafka = &options->kafka,
		.target = front->target->name,
		.log = front->log,
		.unacked_max = options->own.max_unacked,
		.lag_max = options->own.max_queue_lag,
		.stage_ms = options->own.stage_wait,
		.order_is_needed = front->target->scanner->order_is_needed,
		.retention_ms = engine->retention_ms,
		.dryrun = options->run.dryrun,
	};
	struct journal_setup journal = {
		.target = front->target,
		.config = front->config,
		.kafka = &options->kafka,
		.log = front->log,
		.full_interval_ms = options->own.full_interval,
		.is_restricted = engine->is_single,
		.dryrun = options->run.dryrun,
	};
	char error[512] = "out of memory";
	int err = publisher_new(&engine->publisher, &publisher, error, sizeof(error));

	journal.publisher = engine->publisher;
	if (err == 0 && !engine->is_single)
		err = choose_lock(engine, &journal.lock, error, sizeof(error));
	if (err == 0)
		err = journal_new(&engine->journal, &journal, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

static int open_producer(struct produce_engine *engine) {
	const struct front *front = engine->front;
	const struct producer_setup setup = {
		.target = front->target,
		.config = front->config,
		.location = front->location,
		.source = front->source,
		.queue = publisher_put_side(engine->publisher),
		.log = front->log,
		.metrics = front->metrics,
		.hooks = journal_hooks(engine->journal),
		.options = &engine->producer_options,
		.wake = wake,
		.wake_ctx = engine,
	};
	char error[200];
	int err;

	engine->wake_fd = wake_open();
	if (engine->wake_fd < 0)
		return front_fail(engine->wake_fd, strerror(-engine->wake_fd));
	engine->producer_options = produce_options_producer(engine->options, front->conf);
	err = producer_new(&engine->producer, &setup);
	snprintf(
		error,
		sizeof(error),
		"cannot start: check %s",
		front->source == NULL ? "--database-url" : front->source
	);
	return err < 0 ? front_fail(err, error) : 0;
}

int produce_engine_open(struct produce_engine *engine) {
	int err = open_publisher(engine);

	if (err == 0)
		err = open_producer(engine);
	if (err == 0 && engine->options->own.full)
		journal_ask_full(engine->journal);
	return err;
}

void produce_engine_close(struct produce_engine *engine) {
	producer_free(engine->producer);
	journal_free(engine->journal);
	publisher_free(engine->publisher);
	if (engine->wake_fd >= 0)
		close(engine->wake_fd);
}
