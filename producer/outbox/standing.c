// SPDX-License-Identifier: MPL-2.0
// standing: how far the workers were, at one look, and what two looks prove.
//
// Design notes
// - A look takes a while, topic by topic, and records move meanwhile: from the candidates to a
//   retry topic, from there to another one, up or down. One look may see each topic without the
//   record.
// - What holds is this: a worker publishes a record to the next topic, and hears that the brokers
//   have it, before it commits the offset in the last one. So whatever is under way lies in some
//   partition at an offset that is not committed. And commits only grow.
// - Two looks with no lag, and with the same ends, prove that nothing was under way at the moment
//   between them. Suppose that a record was, at some offset of some partition. If it came there
//   before the first look asked for that partition's end, it is below that end; no lag means that
//   the group had committed it by then, so it was not under way. If it came later, it is at or
//   above that end, and the second look saw a greater one. Both are excluded.
// - What is not under way makes no new records. So what others publish later is not of this pass.
// - A topic of which the first look did not know has its end in the second one alone: the lists
//   differ.
// - Ends are those of all records, not of committed ones alone: behind a transaction that is open a
//   worker is not shown what lies there already, and has no lag by its own end.
// - A transaction ends with a record that nobody is shown. A worker that comes to the end of a
//   partition commits that end, so such a record is no lag for longer than that.
#include "producer/outbox/standing.h"

#include "common/kafka/kafka_lag.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void standing_init(struct standing *standing, const rd_kafka_topic_partition_list_t *partitions) {
	standing->commits = rd_kafka_topic_partition_list_copy(partitions);
	rd_kafka_topic_partition_list_sort(standing->commits, NULL, NULL);
	standing->begins = rd_kafka_topic_partition_list_copy(standing->commits);
	standing->ends = rd_kafka_topic_partition_list_copy(standing->commits);
}

static void free_list(rd_kafka_topic_partition_list_t *list) {
	if (list != NULL)
		rd_kafka_topic_partition_list_destroy(list);
}

void standing_fini(struct standing *standing) {
	free_list(standing->commits);
	free_list(standing->begins);
	free_list(standing->ends);
	*standing = (struct standing){.commits = NULL};
}

bool standing_is_known(const struct standing *standing) {
	return standing->commits != NULL;
}

static void add_place(const struct standing *standing, int i, struct kafka_lag *lag) {
	kafka_lag_add(
		lag,
		&(struct kafka_lag_place){
			.commit = kafka_commit_of(&standing->commits->elems[i]),
			.is_bare = kafka_is_nothing_read(&standing->commits->elems[i]),
			.begin = standing->begins->elems[i].offset,
			.end = standing->ends->elems[i].offset,
			.young = -1,
		}
	);
}

static struct kafka_lag add_up(const struct standing *standing, const char *topic) {
	struct kafka_lag lag = {.old = -1};

	for (int i = 0; i < standing->commits->cnt; i++)
		if (topic == NULL || strcmp(standing->commits->elems[i].topic, topic) == 0)
			add_place(standing, i, &lag);
	return lag;
}

int64_t standing_left(const struct standing *standing, const char *topic) {
	return standing_is_known(standing) ? add_up(standing, topic).records : -1;
}

bool standing_has_commits(const struct standing *standing) {
	return standing_is_known(standing) && add_up(standing, NULL).has_commits;
}

static bool begins_topic(const rd_kafka_topic_partition_list_t *list, int i) {
	return i == 0 || strcmp(list->elems[i].topic, list->elems[i - 1].topic) != 0;
}

void standing_words(const struct standing *standing, char *out, size_t out_bytes) {
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; standing_is_known(standing) && i < standing->commits->cnt; i++) {
		const char *topic = standing->commits->elems[i].topic;
		int64_t left;

		if (!begins_topic(standing->commits, i))
			continue;
		left = standing_left(standing, topic);
		if (left == 0 || len >= out_bytes)
			continue;
		len += (size_t)snprintf(
			out + len,
			out_bytes - len,
			"%s%s: %" PRId64,
			len == 0 ? "" : ", ",
			topic,
			left
		);
	}
}

static bool is_same_place(
	const rd_kafka_topic_partition_t *one, const rd_kafka_topic_partition_t *other
) {
	return one->partition == other->partition && one->offset == other->offset &&
		strcmp(one->topic, other->topic) == 0;
}

static bool have_same_ends(const struct standing *before, const struct standing *now) {
	if (before->ends->cnt != now->ends->cnt)
		return false;
	for (int i = 0; i < now->ends->cnt; i++)
		if (!is_same_place(&before->ends->elems[i], &now->ends->elems[i]))
			return false;
	return true;
}

bool standing_proves_the_end(const struct standing *before, const struct standing *now) {
	return standing_left(before, NULL) == 0 && standing_left(now, NULL) == 0 &&
		have_same_ends(before, now);
}
