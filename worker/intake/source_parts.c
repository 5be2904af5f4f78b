// SPDX-License-Identifier: MPL-2.0
// source_parts: what a source is made of.
#include "worker/intake/source_parts.h"

#include "common/base/wake.h"
#include "common/kafka/kafka_end.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { END_MS = 5000 };

void source_parts_init(struct source *source) {
	struct member *member = &source->member;
	struct faults *faults = &source->faults;

	member->setup = &source->setup;
	member->take_fd = wake_open();
	member->serve_fd = wake_open();
	holdings_init(&member->holdings);
	*faults = (struct faults){.member = member, .setup = &source->setup};
	source->trouble.log = source->setup.log;
	source->age.setup = &source->setup;
	source->offsets.member = member;
	loans_init(&source->loans, member, faults);
	source->due.member = member;
	source->departures = (struct departures){
		.member = member, .faults = faults, .loans = &source->loans, .due = &source->due};
	source->lend = (struct lend){
		.member = member,
		.loans = &source->loans,
		.departures = &source->departures,
		.age = &source->age,
	};
	source->take = (struct take){
		.member = member,
		.offsets = &source->offsets,
		.faults = faults,
		.due = &source->due,
		.lend = &source->lend,
	};
	source->assign = (struct assign){
		.member = member, .commits = &source->commits, .faults = faults};
	source->leave = (struct leave){
		.member = member,
		.commits = &source->commits,
		.faults = faults,
	};
}

// --- open

static int open_consumer(struct source *source, char *error, size_t error_bytes) {
	const struct source_setup *setup = &source->setup;
	rd_kafka_conf_t *conf;
	rd_kafka_conf_res_t res = RD_KAFKA_CONF_OK;
	int err = kafka_conf_new(
		&conf,
		setup->kafka,
		setup->instance_id == NULL ? KAFKA_CONSUMER : KAFKA_STATIC_CONSUMER,
		&source->opaque,
		setup->group,
		error,
		error_bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set_events(
		conf, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR
	);
	if (setup->instance_id != NULL)
		res = rd_kafka_conf_set(
			conf, "group.instance.id", setup->instance_id, error, error_bytes
		);
	if (res == RD_KAFKA_CONF_OK)
		res = rd_kafka_conf_set(conf, "enable.partition.eof", "true", error, error_bytes);
	if (res == RD_KAFKA_CONF_OK)
		source->member.consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
	if (source->member.consumer == NULL) {
		rd_kafka_conf_destroy(conf);
		return -EINVAL;
	}
	rd_kafka_poll_set_consumer(source->member.consumer);
	source->events_queue = rd_kafka_queue_get_consumer(source->member.consumer);
	rd_kafka_queue_io_event_enable(
		source->events_queue, source->member.serve_fd, &wake_word, sizeof(wake_word)
	);
	return 0;
}

static int subscribe(struct source *source, char *error, size_t error_bytes) {
	rd_kafka_resp_err_t err = assign_subscribe(&source->assign);

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	snprintf(error, error_bytes, "cannot join the group: %s", rd_kafka_err2str(err));
	return -EINVAL;
}

static int open_count(struct source *source) {
	struct source_count_setup count = {
		.handle = source->member.consumer,
		.topic_count = 1 + source->setup.retry_count,
		.wake_fd = source->member.serve_fd,
	};

	for (size_t i = 0; i < count.topic_count; i++)
		count.topics[i] = source_setup_topic(&source->setup, i);
	return source_count_new(&source->count, &count);
}

// The parts that ask the brokers something, each on a thread of its own.
static int open_inquiries(struct source *source) {
	int err = open_count(source);

	if (err == 0 && source->setup.look_whose != NULL)
		err = owner_new(&source->owner, &source->member);
	if (err == 0)
		err = gap_watch_new(&source->gaps, &source->member, &source->age);
	if (err == 0 && source->setup.replay != NULL)
		err = replay_end_new(&source->replay_end, &source->member);
	if (err == 0)
		err = recall_new(&source->recall, &source->offsets, &source->faults);
	if (err == 0)
		err = proof_new(&source->proof, &source->offsets);
	return err;
}

// Tells each part which others it needs.
static int join_parts(struct source *source) {
	struct member *member = &source->member;
	struct faults *faults = &source->faults;
	struct commits *commits = &source->commits;
	struct offsets *offsets = &source->offsets;

	source->faults.count = source->assign.count = source->count;
	source->offsets.owner = source->assign.owner = source->take.owner = source->owner;
	source->due.handover = source->departures.handover = source->handover;
	source->commits = (struct commits){
		.member = member,
		.offsets = offsets,
		.recall = source->recall,
		.faults = faults,
		.trouble = &source->trouble,
		.events = source->events_queue,
	};
	source->events = (struct events){
		.member = member,
		.commits = commits,
		.faults = faults,
		.trouble = &source->trouble,
		.assign = &source->assign,
		.queue = source->events_queue,
	};
	return peers_new(
		&source->peers,
		&(struct peers_setup){
			.member = member,
			.offsets = offsets,
			.recall = source->recall,
			.faults = faults,
			.departures = &source->departures,
			.assign = &source->assign,
		}
	);
}

int source_parts_open(struct source *source, char *error, size_t error_bytes) {
	struct handover_setup handover = {
		.kafka = source->setup.kafka,
		.log = source->setup.log,
		.wake_fd = source->member.serve_fd,
		.on_done = departures_on_done,
		.on_fatal = departures_on_fatal,
		.ctx = &source->departures,
	};
	int err;

	if (source->member.take_fd < 0 || source->member.serve_fd < 0) {
		snprintf(error, error_bytes, "no file descriptors left");
		return -EMFILE;
	}
	err = handover_open(&source->handover, &handover, error, error_bytes);
	if (err == 0)
		err = open_consumer(source, error, error_bytes);
	if (err == 0)
		err = open_inquiries(source);
	if (err == 0)
		err = join_parts(source);
	if (err == -EAGAIN)
		snprintf(error, error_bytes, "cannot start a thread");
	if (err == 0)
		err = subscribe(source, error, error_bytes);
	return err;
}

// --- close

static void close_inquiries(struct source *source) {
	source_count_free(source->count);
	recall_free(source->recall);
	gap_watch_free(source->gaps);
	replay_end_free(source->replay_end);
	proof_free(source->proof);
	owner_free(source->owner);
	peers_free(source->peers);
}

int source_parts_close(struct source *source, int destroy_flags) {
	if (handover_close(source->handover, END_MS) < 0)
		return -EBUSY;
	holdings_forget(&source->member.holdings);
	loans_fini(&source->loans);
	holdings_fini(&source->member.holdings);
	close_inquiries(source);
	if (source->member.consumer != NULL)
		rd_kafka_queue_destroy(source->events_queue);
	if (kafka_end(source->member.consumer, destroy_flags, END_MS) < 0)
		return -EBUSY;
	close(source->member.take_fd);
	close(source->member.serve_fd);
	return 0;
}
