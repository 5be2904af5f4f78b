// SPDX-License-Identifier: MPL-2.0
// reap: how far it is with one container of a deleted account, until it is empty and deleted.
#include "common/targets/swift/reaping/reap.h"

#include "common/targets/swift/backend/object_page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	// How often it is gone over before it waits for a later run.
	ROUNDS_MOST = 3,
	WORDS_BYTES = 300,
};

// --- from phase to phase

void reap_end(struct reap *reap, enum verdict verdict, enum reason reason, const char *words) {
	reap->phase = REAP_OVER;
	reap->outcome.verdict = verdict;
	reap->outcome.reason = reason;
	if (words != NULL)
		finding_say(&reap->outcome, "%s", words);
	if (verdict == VERDICT_POSTPONED || verdict == VERDICT_FAILED)
		reap->counts.containers[reap->standing]++;
	else if (verdict == VERDICT_DONE && reap->is_deleted)
		reap->counts.containers[REAPED_DELETED]++;
}

static void end_for_memory(struct reap *reap) {
	reap_end(reap, VERDICT_POSTPONED, REASON_STOPPED, "out of memory");
}

void reap_end_round(struct reap *reap, enum reason reason, const char *words) {
	bool is_last = ++reap->rounds >= ROUNDS_MOST;

	reap_end(reap, is_last ? VERDICT_POSTPONED : VERDICT_RETRY, reason, words);
}

static int find_site(
	struct reap *reap,
	enum cluster_ring kind,
	const struct name_path *path,
	struct cluster_site *site
) {
	struct shelf_ring *ring;
	char words[WORDS_BYTES];
	int err;

	cluster_leave(site);
	err = cluster_take_ring(reap->cluster, kind, 0, &ring, words, sizeof(words));
	if (err < 0) {
		reap_end(reap, VERDICT_POSTPONED, REASON_FILES, words);
		return err;
	}
	err = cluster_locate(reap->cluster, ring, path, site);
	if (err < 0)
		reap_end(reap, VERDICT_POSTPONED, REASON_FILES, "by the ring it lies on no device");
	return err;
}

static int find_sites(struct reap *reap) {
	const struct source *source = sources_at(&reap->sources);
	const struct name_path account = {.account = reap->record.account};
	const struct name_path container = {
		.account = reap->record.account, .container = reap->record.container};
	const struct name_path listed = {
		.account = source->account, .container = source->container};
	int err = find_site(reap, CLUSTER_ACCOUNT, &account, &reap->account);

	if (err == 0)
		err = find_site(reap, CLUSTER_CONTAINER, &container, &reap->container);
	return err == 0 ? find_site(reap, CLUSTER_CONTAINER, &listed, &reap->listed) : err;
}

static void enter_ask(struct reap *reap) {
	if (find_sites(reap) < 0)
		return;
	reap->phase = REAP_ASK;
	reap->asked = 0;
	reap->away = 0;
	reap->is_said_deleted = false;
}

static void ask_the_first(struct reap *reap, enum reap_phase phase) {
	size_t server = sources_at(&reap->sources)->server;

	reap->phase = phase;
	reap->asked = server < reap->listed.count ? server : reap->listed.count - 1;
	reap->away = 0;
}

void reap_enter_list(struct reap *reap) {
	reap->were_all_asked = true;
	ask_the_first(reap, REAP_LIST);
}

void reap_enter_shards(struct reap *reap) {
	ask_the_first(reap, REAP_SHARDS);
}

static void enter_source(struct reap *reap) {
	buf_clear(&reap->marker);
	reap->wants_short_page = false;
	enter_ask(reap);
}

void reap_take_shards(struct reap *reap, struct object_page *shards) {
	int err = sources_add_shards(&reap->sources, shards);

	reap->is_sharded = true;
	// What is not in a shard yet is behind them, so that none of it is passed over on its way.
	if (err == 0 && reap->is_going_on)
		err = sources_add_retiring(&reap->sources);
	if (err == -EBADMSG)
		reap_end(
			reap,
			VERDICT_POSTPONED,
			REASON_UNKNOWN,
			"a list of shards that is not understood"
		);
	else if (err < 0)
		end_for_memory(reap);
	else if (!sources_next(&reap->sources))
		reap_end(
			reap, VERDICT_POSTPONED, REASON_UNKNOWN, "it is sharded, and has no shards"
		);
	else
		enter_source(reap);
}

static void enter_container(struct reap *reap, int64_t now_us) {
	char words[WORDS_BYTES];

	if (reap->remaining > 0) {
		snprintf(
			words,
			sizeof(words),
			"%" PRId64 " of its objects were deleted on no server",
			reap->remaining
		);
		reap_end_round(reap, REASON_BLOCKED, words);
		return;
	}
	reap->phase = REAP_CONTAINER;
	reap->stamp_us = now_us;
	// Who deleted it in this round is not asked again.
	reap->verdicts = (struct reap_verdicts){
		.answered = reap->verdicts.deleted,
		.deleted = reap->verdicts.deleted,
		.good = reap->verdicts.good,
	};
}

void reap_leave_page(struct reap *reap) {
	struct name_part last = deletes_last(reap->deletes);

	buf_clear(&reap->marker);
	buf_add(&reap->marker, last.bytes, last.len);
	reap->remaining += deletes_remaining(reap->deletes);
	deletes_free(reap->deletes);
	reap->deletes = NULL;
	if (reap->marker.error != 0)
		end_for_memory(reap);
	else
		enter_ask(reap);
}

void reap_enter_objects(struct reap *reap, struct object_page *page) {
	struct deletes_setup setup = {
		.cluster = reap->cluster,
		.account = &reap->record.account,
		.container = &reap->record.container,
		.page = page,
		.counts = &reap->counts,
	};
	struct open_delete open;
	char words[WORDS_BYTES];
	int err;

	err = cluster_take_ring(
		reap->cluster, CLUSTER_OBJECT, reap->policy, &setup.ring, words, sizeof(words)
	);
	if (err < 0) {
		reap->counts.objects[REAPED_REMAINING] += (int64_t)object_page_count(page);
		reap->counts.replies[REAPED_REMAINING] += (int64_t)object_page_count(page);
		object_page_free(page);
		reap_end(reap, VERDICT_POSTPONED, REASON_FILES, words);
		return;
	}
	reap->phase = REAP_OBJECTS;
	if (deletes_new(&reap->deletes, &setup) < 0)
		end_for_memory(reap);
	else if (!deletes_at(reap->deletes, 0, &open))
		reap_leave_page(reap);
}

void reap_leave_source(struct reap *reap, int64_t now_us) {
	if (sources_next(&reap->sources))
		enter_source(reap);
	else
		enter_container(reap, now_us);
}

bool reap_enter_others(struct reap *reap) {
	const bool *has_policy = cluster_policies(reap->cluster);
	int err;

	if (reap->has_others)
		return false;
	reap->has_others = true;
	err = sources_add_others(
		&reap->sources,
		reap->verdicts.conflicted,
		has_policy,
		CLUSTER_POLICIES_MAX,
		reap->policy
	);
	if (err < 0) {
		end_for_memory(reap);
		return true;
	}
	if (!sources_next(&reap->sources))
		return false;
	enter_source(reap);
	return true;
}

// --- made and freed

static int begin(struct reap *reap) {
	const struct container_record *record = &reap->record;
	int err = sources_begin(&reap->sources, &record->account, &record->container);

	buf_init(&reap->marker, 0);
	return err == 0 ? buf_add(&reap->marker, record->marker.bytes, record->marker.len) : err;
}

int reap_new(
	struct reap **out,
	struct cluster *cluster,
	const struct reap_rule *rule,
	struct container_record *record
) {
	struct reap *reap = calloc(1, sizeof(*reap));

	if (reap == NULL) {
		container_record_fini(record);
		return -ENOMEM;
	}
	reap->cluster = cluster;
	reap->rule = *rule;
	reap->record = *record;
	*record = (struct container_record){.bytes = NULL};
	reap->standing = REAPED_REMAINING;
	if (begin(reap) < 0) {
		reap_free(reap);
		return -ENOMEM;
	}
	if (cluster != NULL)
		enter_ask(reap);
	*out = reap;
	return 0;
}

void reap_free(struct reap *reap) {
	if (reap == NULL)
		return;
	deletes_free(reap->deletes);
	cluster_leave(&reap->account);
	cluster_leave(&reap->container);
	cluster_leave(&reap->listed);
	sources_fini(&reap->sources);
	buf_fini(&reap->marker);
	finding_clear(&reap->outcome);
	container_record_fini(&reap->record);
	free(reap->rest);
	free(reap);
}

void reap_begin(struct reap *reap) {
	finding_clear(&reap->outcome);
	reap->were_all_asked = false;
	reap->remaining = 0;
	reap->is_proved = false;
	reap->is_sharded = false;
	reap->has_others = false;
	reap->verdicts = (struct reap_verdicts){.good = 0};
	reap->standing = REAPED_REMAINING;
	if (sources_begin(&reap->sources, &reap->record.account, &reap->record.container) < 0)
		end_for_memory(reap);
	else
		enter_source(reap);
}

const struct cluster_site *reap_site(const struct reap *reap) {
	return reap->phase == REAP_ASK ? &reap->account : &reap->listed;
}
