// SPDX-License-Identifier: MPL-2.0
// visit: looks at the account of one database, and says whether it is to be emptied.
#include "common/targets/swift/scan/visit.h"

#include "common/base/buf.h"
#include "common/targets/swift/account/account_time.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/ring/ring.h"
#include "common/targets/swift/scan/account_head.h"
#include "common/text/hex.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_BYTES = 200 };

struct scene {
	const struct visit_setup *setup;
	const struct account_place *place;
	const struct ring_device *device;
	struct visit *out;
	int64_t pending_bytes;
};

static enum visit_outcome say(
	const struct scene *scene, enum visit_outcome outcome, const char *words
) {
	snprintf(
		scene->out->words,
		sizeof(scene->out->words),
		"'%.180s': %.200s",
		scene->place->path,
		words
	);
	return outcome;
}

// 0, or an error of account_db with words.
static int read_info(struct scene *scene, char *words) {
	struct account_db *db;
	int err = account_db_open(&db, scene->place->path, words, WORDS_BYTES);

	if (err < 0)
		return err;
	err = account_db_info(db, &scene->out->info, words, WORDS_BYTES);
	account_db_close(db);
	if (err < 0)
		return err;
	err = account_db_pending(scene->place->path, &scene->pending_bytes);
	if (err < 0)
		snprintf(words, WORDS_BYTES, "what is pending: %s", strerror(-err));
	return err;
}

static enum account_due judge(const struct scene *scene) {
	const struct account_info *info = &scene->out->info;
	const struct account_standing standing = {
		.status = info->status,
		.put_timestamp = info->put_timestamp,
		.delete_timestamp = info->delete_timestamp,
		.containers = info->containers,
		.pending_bytes = scene->pending_bytes,
	};

	scene->out->is_overdue = account_is_overdue(&standing, &scene->setup->terms);
	return account_rule(&standing, &scene->setup->terms);
}

// --- is it an account of this cluster?

static bool is_hash(const char *hash, const unsigned char bytes[NAME_HASH_BYTES]) {
	struct buf hex;
	bool is_same;

	buf_init(&hex, 0);
	hex_add(&hex, bytes, NAME_HASH_BYTES);
	is_same = hex.error == 0 && strcmp(hash, buf_text(&hex)) == 0;
	buf_fini(&hex);
	return is_same;
}

// Is the place that it has the one that it should have? Then *outcome stays.
static int check_place(const struct scene *scene, enum visit_outcome *outcome) {
	const struct name_path path = {
		.account = {scene->out->info.name, scene->out->info.name_len}};
	unsigned char hash[NAME_HASH_BYTES];
	uint32_t partition;
	char words[WORDS_BYTES];
	int err = cluster_hash(scene->setup->cluster, &path, hash);

	if (err < 0)
		return err;
	partition = ring_partition(shelf_ring_of(scene->setup->ring), hash);
	scene->out->is_hash_right = is_hash(scene->place->hash, hash);
	if (!scene->out->is_hash_right) {
		*outcome = say(
			scene,
			VISIT_WRONG_HASH,
			"the hash of its account is another one: it is a stray, or the hash prefix "
			"and suffix of swift.conf are not those of this cluster"
		);
	} else if (partition != scene->place->partition) {
		snprintf(
			words,
			sizeof(words),
			"by the account ring it belongs into partition %" PRIu32
			": is the ring the one of this cluster?",
			partition
		);
		*outcome = say(scene, VISIT_TROUBLE, words);
	}
	return 0;
}

// --- what its server says

static int ask(const struct scene *scene, struct account_said *said) {
	const struct backend_place place = {scene->device, scene->place->partition};
	const struct name_part name = {scene->out->info.name, scene->out->info.name_len};

	return account_head_ask(scene->setup->head, &place, &name, said);
}

static enum visit_outcome heed(const struct scene *scene, const struct account_said *said) {
	char more[WORDS_BYTES];

	switch (said->answer) {
	case ACCOUNT_IS_DELETED:
		return VISIT_DUE;
	case ACCOUNT_IS_SEEN:
		if (scene->setup->takes_half_undeleted)
			return VISIT_DUE;
		return say(
			scene,
			VISIT_SEEN,
			"users see this account although its deletion is newer than it: it was "
			"half undeleted, and is left alone"
		);
	case ACCOUNT_IS_UNKNOWN:
		return say(
			scene,
			VISIT_WRONG_RING,
			"its account server does not know it: is the account ring the one of this "
			"cluster, and does that server have these devices?"
		);
	case ACCOUNT_DOES_NOT_TELL:
		break;
	}
	snprintf(more, sizeof(more), "its account server cannot be asked: %.120s", said->words);
	return say(scene, VISIT_TROUBLE, more);
}

// What the server was asked for may have changed the database.
static int look_again(struct scene *scene, enum visit_outcome *outcome) {
	char words[WORDS_BYTES];
	int err = read_info(scene, words);

	if (err == -ENOMEM)
		return err;
	if (err < 0)
		*outcome = say(scene, VISIT_TROUBLE, words);
	else if (scene->pending_bytes > 0)
		*outcome = say(
			scene,
			VISIT_TROUBLE,
			"what is pending could not be merged, for somebody has its lock; the next "
			"pass looks again"
		);
	else if (scene->out->info.containers == 0)
		*outcome = VISIT_LEFT;
	return 0;
}

static int visit_deleted(struct scene *scene, enum visit_outcome *outcome) {
	struct account_said said;
	int err;

	err = ask(scene, &said);
	if (err < 0)
		return err;
	*outcome = heed(scene, &said);
	// It may have been put aside, or removed, meanwhile.
	if (*outcome == VISIT_WRONG_RING && access(scene->place->path, F_OK) < 0 && errno == ENOENT)
		*outcome = VISIT_LEFT;
	return *outcome == VISIT_DUE ? look_again(scene, outcome) : 0;
}

int visit_make(
	const struct visit_setup *setup,
	const struct account_place *place,
	const struct ring_device *device,
	enum visit_outcome *outcome,
	struct visit *out
) {
	struct scene scene = {.setup = setup, .place = place, .device = device, .out = out};
	char words[WORDS_BYTES];
	int err = read_info(&scene, words);

	out->is_hash_right = false;
	// It was just removed.
	if (err == -ENOENT) {
		*outcome = VISIT_LEFT;
		return 0;
	}
	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		*outcome = say(&scene, VISIT_TROUBLE, words);
		return 0;
	}
	*outcome = VISIT_DUE;
	err = check_place(&scene, outcome);
	if (err < 0)
		return err;
	// Of one that is live, too, it is learnt whether the hash is right.
	switch (judge(&scene)) {
	case ACCOUNT_LIVE:
	case ACCOUNT_EMPTY:
		*outcome = VISIT_LEFT;
		return 0;
	case ACCOUNT_YOUNG:
		*outcome = VISIT_YOUNG;
		return 0;
	case ACCOUNT_ODD:
		*outcome = say(&scene, VISIT_TROUBLE, "its delete_timestamp is not understood");
		return 0;
	case ACCOUNT_DUE:
		break;
	}
	if (*outcome != VISIT_DUE)
		return 0;
	account_time_read(out->info.delete_timestamp, &out->deleted_us);
	return visit_deleted(&scene, outcome);
}
