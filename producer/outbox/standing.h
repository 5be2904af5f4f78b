// SPDX-License-Identifier: MPL-2.0
// standing: how far the workers were, at one look, with all topics that a candidate may be in; and
// what two such looks prove. Pure.
// Thread: any.
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Three lists with the same partitions in the same order, sorted by topic; zeroed: not known.
struct standing {
	rd_kafka_topic_partition_list_t *commits; // as kafka_commits tells
	rd_kafka_topic_partition_list_t *begins;
	// Behind the last record, be it committed or not.
	rd_kafka_topic_partition_list_t *ends;
};

// Of these partitions, with no offset yet; the list stays the caller's.
void standing_init(struct standing *standing, const rd_kafka_topic_partition_list_t *partitions);
void standing_fini(struct standing *standing); // is zeroed then

bool standing_is_known(const struct standing *standing);
// Records that the workers have before them in a topic, NULL: in all; -1: not known.
int64_t standing_left(const struct standing *standing, const char *topic);
// Has the group committed anything?
bool standing_has_commits(const struct standing *standing);
// "purge.fruit: 3, purge.fruit.retry.1m: 1": where they are. "": nowhere, or it is not known.
void standing_words(const struct standing *standing, char *out, size_t out_bytes);
// Was nothing under way between the two? `before` was complete before `now` began.
bool standing_proves_the_end(const struct standing *before, const struct standing *now);
