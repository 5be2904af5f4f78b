// SPDX-License-Identifier: MPL-2.0
// reap_take: what an answer means for a container, and for the one who asked.
#include "common/targets/swift/reaping/reap_take.h"

#include "common/base/buf.h"
#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/targets/swift/backend/backend_answer.h"
#include "common/targets/swift/backend/object_page.h"
#include "common/targets/swift/book/counts.h"
#include "common/targets/swift/reaping/deletes.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/reaping/reap_plan.h"
#include "common/targets/swift/reaping/sources.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_BYTES = 300 };

// The next server of this phase that is not away. False: all are.
static bool ask_another(struct reap *reap) {
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

static void try_another(struct reap *reap, struct finding *io) {
	io->verdict = VERDICT_RETRY;
	ask_another(reap);
}

// A server that says nothing about it counts as one that is away, so each is asked once.
static void pass_over(struct reap *reap, const char *words) {
	reap->away |= (uint64_t)1 << reap->asked;
	if (ask_another(reap))
		return;
	if (reap->phase == REAP_ASK && reap->is_said_deleted)
		reap_enter_list(reap);
	else
		reap_end(reap, VERDICT_POSTPONED, REASON_UNKNOWN, words);
}

static void take_deleted(struct reap *reap) {
	reap->is_said_deleted = true;
	if (reap->were_all_asked)
		reap_enter_list(reap);
	else
		pass_over(reap, NULL);
}

static void take_ask(struct reap *reap, const struct http_answer *answer, struct finding *io) {
	switch (backend_answer_account(answer)) {
	case ACCOUNT_IS_DELETED:
		take_deleted(reap);
		break;
	case ACCOUNT_IS_SEEN:
		if (reap->rule.takes_half_undeleted)
			take_deleted(reap);
		else
			reap_end(reap, VERDICT_LEFT, REASON_LIVE, NULL);
		break;
	case ACCOUNT_IS_UNKNOWN:
		pass_over(
			reap,
			"no account server knows its account: are the hash of swift.conf and the "
			"account ring those of this cluster?"
		);
		break;
	case ACCOUNT_DOES_NOT_TELL:
		// What one of them said is enough to go on.
		if (reap->is_said_deleted)
			pass_over(reap, NULL);
		else
			try_another(reap, io);
		break;
	}
}

static bool is_behind(const struct name_part *name, const struct buf *marker) {
	size_t common = name->len < marker->len ? name->len : marker->len;
	int order = memcmp(name->bytes, marker->data, common);

	return order > 0 || (order == 0 && name->len > marker->len);
}

// Names come in the order of their bytes. A page whose end does not lead on would be asked for for
// ever.
static bool leads_on(const struct reap *reap, const struct object_page *page) {
	size_t count = object_page_count(page);
	struct name_part first, last;

	if (count == 0 || reap->marker.len == 0)
		return true;
	first = object_page_at(page, 0);
	last = object_page_at(page, count - 1);
	return is_behind(&first, &reap->marker) && is_behind(&last, &reap->marker);
}

static void take_page(
	struct reap *reap, const struct http_answer *answer, struct finding *io, int64_t now_us
) {
	struct object_page *page;
	int err;

	if (answer->body_bytes >= REAP_BODY_BYTES_MOST && !reap->wants_short_page) {
		reap->wants_short_page = true;
		return;
	}
	reap->policy = backend_answer_policy(answer);
	err = object_page_parse(&page, answer->body, answer->body_bytes);
	if (err < 0 || reap->policy < 0 || !leads_on(reap, page)) {
		if (err == 0)
			object_page_free(page);
		try_another(reap, io);
		finding_say(io, "a listing that is not understood");
		return;
	}
	reap->stamp_us = now_us;
	if (object_page_count(page) == 0) {
		object_page_free(page);
		reap_leave_source(reap, now_us);
	} else {
		reap_enter_objects(reap, page);
	}
}

// The container itself has shards; what is one of them, or its rest, is taken as it is.
static void take_sharded(
	struct reap *reap, const struct http_answer *answer, struct finding *io, int64_t now_us
) {
	const struct source *source = sources_at(&reap->sources);
	bool is_going_on = backend_answer_list(answer) == LIST_IS_RETIRING;

	if (!reap->is_sharded && source->policy < 0) {
		reap->is_going_on = is_going_on;
		reap_enter_shards(reap);
	} else if (is_going_on || source->is_retiring) {
		take_page(reap, answer, io, now_us);
	} else if (!source->is_shard) {
		reap_end_round(reap, REASON_BLOCKED, "it was sharded meanwhile");
	} else {
		reap_end(
			reap,
			VERDICT_POSTPONED,
			REASON_BLOCKED,
			"one of its shards is sharded itself, which is not known to it yet"
		);
	}
}

static void take_list(
	struct reap *reap, const struct http_answer *answer, struct finding *io, int64_t now_us
) {
	switch (backend_answer_list(answer)) {
	case LIST_IS_PAGE:
		take_page(reap, answer, io, now_us);
		break;
	case LIST_IS_RETIRING:
	case LIST_IS_SHARDED:
		take_sharded(reap, answer, io, now_us);
		break;
	case LIST_IS_DELETED:
		reap->is_proved |= !sources_at(&reap->sources)->is_shard;
		reap_leave_source(reap, now_us);
		break;
	case LIST_IS_UNKNOWN:
		pass_over(
			reap,
			sources_at(&reap->sources)->is_shard
				? "no container server knows one of its shards"
				: "no container server knows it, though its account lists it"
		);
		break;
	case LIST_IS_OF_SHARDS:
	case LIST_DOES_NOT_TELL:
		try_another(reap, io);
		if (answer->failure == HTTP_FAILURE_NONE && answer->status == 200)
			finding_say(io, "a listing that is not understood");
		break;
	}
}

static void take_shards(struct reap *reap, const struct http_answer *answer, struct finding *io) {
	struct object_page *shards;

	if (backend_answer_list(answer) != LIST_IS_OF_SHARDS ||
	    answer->body_bytes >= REAP_BODY_BYTES_MOST ||
	    object_page_parse(&shards, answer->body, answer->body_bytes) < 0) {
		try_another(reap, io);
		if (answer->failure == HTTP_FAILURE_NONE && answer->status == 200)
			finding_say(io, "a list of shards that is not understood");
		return;
	}
	reap_take_shards(reap, shards);
}

static void say_verdicts(const struct reap *reap, char words[WORDS_BYTES]) {
	const struct reap_verdicts *verdicts = &reap->verdicts;

	snprintf(
		words,
		WORDS_BYTES,
		"of its %zu container servers %u deleted it, %u still have objects of it, %u do "
		"not know it and %u did not do it",
		reap->container.count,
		verdicts->good,
		verdicts->conflicts,
		verdicts->absent,
		verdicts->others
	);
}

static void end_container(struct reap *reap) {
	const struct reap_verdicts *verdicts = &reap->verdicts;
	unsigned bad = verdicts->conflicts + verdicts->absent + verdicts->others;
	char words[WORDS_BYTES];

	reap->standing = counts_judge(verdicts->good, bad);
	// One that has objects has them for itself: also when most have deleted it.
	if (verdicts->conflicts > 0 && !reap->is_sharded && reap_enter_others(reap))
		return;
	reap->is_deleted = reap->standing == REAPED_DELETED;
	if (reap->is_deleted) {
		reap_end(reap, VERDICT_DONE, REASON_NONE, NULL);
		return;
	}
	if (verdicts->good == 0 && reap->is_proved && verdicts->absent > 0 &&
	    verdicts->conflicts == 0) {
		reap_end(reap, VERDICT_DONE, REASON_GONE, NULL);
		return;
	}
	if (reap->is_sharded && verdicts->conflicts > 0) {
		reap_end(
			reap,
			VERDICT_POSTPONED,
			REASON_BLOCKED,
			"its shards are empty; it goes when Swift's container-sharder has told it "
			"so"
		);
		return;
	}
	say_verdicts(reap, words);
	reap_end_round(reap, REASON_BLOCKED, words);
}

static void note_good(struct reap_verdicts *verdicts, size_t index) {
	verdicts->good++;
	verdicts->deleted |= (uint64_t)1 << index;
}

static void note_conflict(struct reap_verdicts *verdicts, size_t index) {
	verdicts->conflicts++;
	verdicts->conflicted |= (uint64_t)1 << index;
}

static void take_container(struct reap *reap, size_t index, const struct http_answer *answer) {
	struct reap_verdicts *verdicts = &reap->verdicts;
	int status = answer == NULL || answer->failure != HTTP_FAILURE_NONE ? 0 : answer->status;

	verdicts->answered |= (uint64_t)1 << index;
	reap->counts.container_failures += status / 100 != 2;
	if (status / 100 == 2)
		note_good(verdicts, index);
	else if (status == 409)
		note_conflict(verdicts, index);
	else if (status == 404)
		verdicts->absent++;
	else
		verdicts->others++;
	if (verdicts->good + verdicts->conflicts + verdicts->absent + verdicts->others ==
	    reap->container.count)
		end_container(reap);
}

static void take_object(struct reap *reap, int64_t id, const struct http_answer *answer) {
	int status = answer == NULL || answer->failure != HTTP_FAILURE_NONE ? 0 : answer->status;
	struct open_delete open;

	deletes_take(
		reap->deletes,
		id - REAP_ID_OBJECTS,
		status / 100 == 2       ? DELETES_GOOD
			: status == 404 ? DELETES_ABSENT
					: DELETES_BAD
	);
	if (!deletes_at(reap->deletes, 0, &open))
		reap_leave_page(reap);
}

void reap_take_answer(
	struct reap *reap,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io,
	int64_t now_us
) {
	enum reason reason;

	if (answer->failure == HTTP_FAILURE_STALE || answer->failure == HTTP_FAILURE_FILES)
		return;
	// The reaper, whose line it is in, does not ask for the account.
	if (id != REAP_ID_ASK && answer->failure == HTTP_FAILURE_NONE && answer->status / 100 <= 5)
		reap->counts.codes[answer->status / 100]++;
	reason = io->reason == REASON_NONE ? REASON_HTTP_4XX : io->reason;
	finding_clear(io);
	if (id == REAP_ID_ASK)
		take_ask(reap, answer, io);
	else if (id == REAP_ID_LIST)
		take_list(reap, answer, io, now_us);
	else if (id == REAP_ID_SHARDS)
		take_shards(reap, answer, io);
	else if (id < REAP_ID_OBJECTS)
		take_container(reap, (size_t)(id - REAP_ID_CONTAINER), answer);
	else
		take_object(reap, id, answer);
	if (io->verdict == VERDICT_RETRY)
		io->reason = reason;
}

bool reap_take_unsent(struct reap *reap, int64_t id) {
	if (id < REAP_ID_CONTAINER) {
		reap->away |= (uint64_t)1 << reap->asked;
		if (ask_another(reap))
			return true;
		if (id != REAP_ID_ASK || !reap->is_said_deleted)
			return false;
		reap_enter_list(reap);
		return true;
	}
	if (id < REAP_ID_OBJECTS)
		take_container(reap, (size_t)(id - REAP_ID_CONTAINER), NULL);
	else
		take_object(reap, id, NULL);
	return true;
}
