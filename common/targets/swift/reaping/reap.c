// SPDX-License-Identifier: MPL-2.0
// reap: how far it is with one container of a deleted account, until it is empty and deleted.
#include "common/targets/swift/reaping/reap.h"

#include "common/targets/swift/backend/object_page.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/ring/name_hash.h"

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

void reap_end_for_memory(struct reap *reap) {
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

// By another ring the container may have other servers: what those of before said counts no more.
static void heed_servers(struct reap *reap) {
	uint64_t servers = cluster_site_mark(&reap->container);

	if (servers != reap->container_servers)
		reap->verdicts = (struct reap_verdicts){.good = 0};
	reap->container_servers = servers;
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
	if (err == 0)
		heed_servers(reap);
	return err == 0 ? find_site(reap, CLUSTER_CONTAINER, &listed, &reap->listed) : err;
}

void reap_enter_ask(struct reap *reap) {
	if (find_sites(reap) < 0)
		return;
	reap->phase = REAP_ASK;
	reap->asked = 0;
	reap->away = reap->told = 0;
	reap->said_deleted = 0;
	reap->checked_us = INT64_MAX;
}

static void ask_the_first(struct reap *reap, enum reap_phase phase) {
	size_t server = sources_at(&reap->sources)->server;

	reap->phase = phase;
	reap->asked = server < reap->listed.count ? server : reap->listed.count - 1;
	reap->away = 0;
}

void reap_enter_list(struct reap *reap, int64_t now_us) {
	reap->stamp_us = now_us;
	ask_the_first(reap, REAP_LIST);
}

void reap_enter_shards(struct reap *reap) {
	ask_the_first(reap, REAP_SHARDS);
}

static void enter_source(struct reap *reap) {
	buf_clear(&reap->marker);
	reap->wants_short_page = false;
	reap_enter_ask(reap);
}

// Adds those of all its shards, once in a round.
static int add_checks(struct reap *reap) {
	if (!reap->is_sharded || reap->has_checks)
		return 0;
	reap->has_checks = true;
	return sources_add_shard_checks(
		&reap->sources,
		reap->container.count,
		cluster_policies(reap->cluster),
		CLUSTER_POLICIES_MAX
	);
}

static int64_t server_of(const struct source *source) {
	return source->server == SOURCE_LAST ? -1 : (int64_t)source->server;
}

static bool is_the_one(const struct source *source, const struct record_source *wanted) {
	return name_is_same(source->account, wanted->account) &&
		name_is_same(source->container, wanted->container) &&
		server_of(source) == wanted->server && source->policy == wanted->policy;
}

// Shards come and go: one that is not there any more has it begin with the first.
static int seek(struct reap *reap) {
	int err = add_checks(reap);

	if (err < 0)
		return err;
	do {
		if (is_the_one(sources_at(&reap->sources), &reap->record.source))
			return 1;
	} while (sources_next(&reap->sources));
	sources_rewind(&reap->sources);
	sources_next(&reap->sources);
	return 0;
}

static void enter_wanted(struct reap *reap) {
	const struct name_part *marker = &reap->record.marker;
	int found = seek(reap);

	reap->goes_on = false;
	if (found < 0) {
		reap_end_for_memory(reap);
		return;
	}
	enter_source(reap);
	if (found > 0 && buf_add(&reap->marker, marker->bytes, marker->len) < 0)
		reap_end_for_memory(reap);
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
		reap_end_for_memory(reap);
	else if (!sources_next(&reap->sources))
		reap_end(
			reap, VERDICT_POSTPONED, REASON_UNKNOWN, "it is sharded, and has no shards"
		);
	else if (reap->goes_on)
		enter_wanted(reap);
	else
		enter_source(reap);
}

static void enter_container(struct reap *reap) {
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
	// Who deleted it in this round is not asked again.
	reap->verdicts = (struct reap_verdicts){
		.answered = reap->verdicts.deleted,
		.deleted = reap->verdicts.deleted,
		.good = reap->verdicts.good,
	};
}

void reap_leave_source(struct reap *reap) {
	bool has_next = sources_next(&reap->sources);

	if (!has_next && add_checks(reap) < 0)
		reap_end_for_memory(reap);
	else if (has_next || sources_next(&reap->sources))
		enter_source(reap);
	else
		enter_container(reap);
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
		reap_end_for_memory(reap);
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
	reap->goes_on = record->source.account.len > 0;
	if (reap->goes_on)
		return err;
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
		reap_enter_ask(reap);
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
	cluster_leave(&reap->probed);
	sources_fini(&reap->sources);
	buf_fini(&reap->marker);
	finding_clear(&reap->outcome);
	container_record_fini(&reap->record);
	free(reap->rest);
	free(reap);
}

bool reap_rest(const struct reap *reap, struct container_record *out) {
	const struct source *source = sources_at(&reap->sources);

	if (reap->phase == REAP_OVER || (reap->sources.at == 0 && reap->marker.len == 0))
		return false;
	*out = (struct container_record){
		.account = reap->record.account,
		.container = reap->record.container,
		.marker = {buf_text(&reap->marker), reap->marker.len},
	};
	if (reap->sources.at == 0)
		return !reap->goes_on;
	if (!reap->is_sharded || reap->has_others)
		return false;
	out->source = (struct record_source){
		.account = source->account,
		.container = source->container,
		.server = server_of(source),
		.policy = source->policy,
	};
	return true;
}

void reap_begin(struct reap *reap) {
	finding_clear(&reap->outcome);
	reap->remaining = 0;
	reap->is_proved = false;
	reap->is_sharded = false;
	reap->has_others = reap->has_checks = reap->goes_on = false;
	reap->verdicts = (struct reap_verdicts){.good = 0};
	reap->standing = REAPED_REMAINING;
	if (sources_begin(&reap->sources, &reap->record.account, &reap->record.container) < 0)
		reap_end_for_memory(reap);
	else
		enter_source(reap);
}

const struct cluster_site *reap_site(const struct reap *reap) {
	return reap->phase == REAP_ASK ? &reap->account : &reap->listed;
}

bool reap_ask_another(struct reap *reap) {
	const struct cluster_site *site = reap_site(reap);

	for (size_t i = 1; i <= site->count; i++) {
		size_t other = (reap->asked + i) % site->count;

		if ((reap->away >> other & 1) == 0) {
			reap->asked = other;
			return true;
		}
	}
	return false;
}
