// SPDX-License-Identifier: MPL-2.0
// kafka_lag: where partitions end, and how far a consumer group is behind. Blocks. Thread: the
// owner's of the handle.
#pragma once

#include "common/kafka/kafka.h"

// The first `partitions` of a topic, with the ownership. Asks nobody.
rd_kafka_topic_partition_list_t *kafka_list_partitions(const char *topic, int32_t partitions);

// Fills in the offset behind the last record that a reader of committed records may see, for each
// partition of the list. 0, -EAGAIN (no answer in time), -EACCES, -ENOENT.
int kafka_ends(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms);

// The same with the offset of the first record that the log still has, or will have. When it fails,
// those that did not answer have negative ones.
int kafka_begins(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms);

// The same with the offset of the first record that was written since `time_ms` (Unix time);
// negative where there is none.
int kafka_since(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t time_ms, int timeout_ms
);

// As rd_kafka_committed. A group that no worker has joined yet has no commits: some brokers that
// speak Kafka's protocol say that there is no such group instead.
rd_kafka_resp_err_t kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
);

// The same of the handle's own group, which asks until the time is over or a denial was heard. The
// handle subscribes to nothing and nobody else polls it. NO_ERROR, or the first error of a
// partition.
rd_kafka_resp_err_t kafka_commits(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
);

// The metadata of a commit that a worker sends before its first record of a partition: it stands
// for none.
#define KAFKA_NOTHING_READ "nothing read yet"
// As rd_kafka_committed tells of it. Pure.
bool kafka_is_nothing_read(const rd_kafka_topic_partition_t *place);
// The offset of such a commit; negative: there is none, or it stands for none. Pure.
int64_t kafka_commit_of(const rd_kafka_topic_partition_t *place);

// Of a group in a topic, in records.
struct kafka_lag {
	// Between its commits and the end; a partition without a commit counts whole.
	int64_t records;
	// Of these, written before a time; -1: not known.
	int64_t old;
	// Before it committed them; where it has said that it read nothing, all.
	int64_t deleted;
	// Where it has no commit: nobody can tell whether it had taken them.
	int64_t deleted_unsure;
	// False: it has none in the topic, as when no worker has taken anything yet.
	bool has_commits;
};

// One partition; `young`: the first that was written since that time, negative when none was.
struct kafka_lag_place {
	int64_t commit; // negative: none
	// There is none because nothing was read yet.
	bool is_bare;
	int64_t begin;
	int64_t end;
	int64_t young;
};
void kafka_lag_add(struct kafka_lag *lag, const struct kafka_lag_place *place); // pure

// `handle` is a consumer of the group that subscribes to nothing; nobody else polls it. `before_ms`
// of the wall clock: which records are old; -1: that is not asked. NO_ERROR, or why it is unknown,
// which is never zero: GROUP_AUTHORIZATION_FAILED is told once only, so the handle is to be made
// anew after it. Blocks up to timeout_ms in all.
rd_kafka_resp_err_t kafka_lag(
	rd_kafka_t *handle,
	const char *topic,
	int32_t partitions,
	int64_t before_ms,
	int timeout_ms,
	struct kafka_lag *out
);
