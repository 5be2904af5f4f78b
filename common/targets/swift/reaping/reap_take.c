// SPDX-License-Identifier: MPL-2.0
// reap_take: what an answer means for a container, and for the one who asked.
#include "common/targets/swift/reaping/reap_take.h"

#include "common/base/buf.h"
#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/targets/swift/backend/backend_answer.h"
#include "common/targets/swift/backend/object_page.h"
#include "common/targets/swift/book/counts.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/reaping/deletes.h"
#include "common/targets/swift/reaping/probe.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/reaping/reap_ask.h"
#include "common/targets/swift/reaping/reap_page.h"
#include "common/targets/swift/reaping/reap_plan.h"
#include "common/targets/swift/reaping/sources.h"

#include <stdio.h>
#include <string.h>

enum {
	WORDS_BYTES = 300,
	// How long it counts what the account's servers said.
	CHECK_HOLDS_US = 10 * 1000 * 1000,
};

static void try_another(struct reap *reap, struct finding *io) {
	io->verdict = VERDICT_RETRY;
	reap_ask_another(reap);
}

// A server that says nothing about it counts as one that is away, so each is asked once.
static void pass_over(struct reap *reap, const char *words) {
	reap->away |= (uint64_t)1 << reap->asked;
	if (!reap_ask_another(reap))
		reap_end(reap, VERDICT_POSTPONED, REASON_UNKNOWN, words);
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

static void take_page(struct reap *reap, const struct http_answer *answer, struct finding *io) {
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
	if (object_page_count(page) == 0) {
		object_page_free(page);
		reap_leave_source(reap);
	} else {
		reap_enter_objects(reap, page);
	}
}

// The container itself has shards; what is one of them, or its rest, is taken as it is.
static void take_sharded(struct reap *reap, const struct http_answer *answer, struct finding *io) {
	const struct source *source = sources_at(&reap->sources);
	bool is_going_on = backend_answer_list(answer) == LIST_IS_RETIRING;

	if (!reap->is_sharded && source->policy < 0) {
		reap->is_going_on = is_going_on;
		reap_enter_shards(reap);
	} else if (is_going_on || source->is_retiring) {
		take_page(reap, answer, io);
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

static void take_list(struct reap *reap, const struct http_answer *answer, struct finding *io) {
	switch (backend_answer_list(answer)) {
	case LIST_IS_PAGE:
		take_page(reap, answer, io);
		break;
	case LIST_IS_RETIRING:
	case LIST_IS_SHARDED:
		take_sharded(reap, answer, io);
		break;
	case LIST_IS_DELETED:
		reap->is_proved |= !sources_at(&reap->sources)->is_shard;
		reap_leave_source(reap);
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
	if (verdicts->good == 0 && reap->is_proved && verdicts->conflicts == 0 &&
	    (size_t)verdicts->absent * 2 > reap->container.count) {
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

// answer NULL: it was not sent.
static void take_probe(struct reap *reap, const struct http_answer *answer) {
	static const enum probe_answer meanings[] = {
		[OBJECT_IS_KNOWN] = PROBE_KNOWN,
		[OBJECT_IS_UNKNOWN] = PROBE_UNKNOWN,
		[OBJECT_DOES_NOT_TELL] = PROBE_SILENT,
	};
	enum probe_answer said = answer == NULL ? PROBE_SILENT
						: meanings[backend_answer_object(answer)];
	size_t sample = reap->probe.sample, unknown = reap->probe.unknown;

	probe_take(&reap->probe, said, reap->probed.count);
	if (said == PROBE_KNOWN || reap->probe.unknown > unknown)
		shelf_note(deletes_ring(reap->deletes), said == PROBE_KNOWN);
	if (reap->probe.sample > sample)
		reap_go_on_probing(reap);
}

// answer NULL: it was not sent. What the account's servers said does not hold for a page that takes
// long.
static void take_object(
	struct reap *reap, int64_t id, const struct http_answer *answer, int64_t now_us
) {
	int status = answer == NULL || answer->failure != HTTP_FAILURE_NONE ? 0 : answer->status;
	struct open_delete open;

	if (reap->phase != REAP_OBJECTS)
		return;
	if (now_us - reap->checked_us > CHECK_HOLDS_US)
		deletes_stop(reap->deletes);
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
	// The reaper, whose line it is in, does not ask for the account, nor for objects.
	if (id != REAP_ID_ASK && id != REAP_ID_PROBE && answer->failure == HTTP_FAILURE_NONE &&
	    answer->status / 100 <= 5)
		reap->counts.codes[answer->status / 100]++;
	reason = io->reason == REASON_NONE ? REASON_HTTP_4XX : io->reason;
	finding_clear(io);
	if (id == REAP_ID_ASK)
		reap_take_ask(reap, answer, io, now_us);
	else if (id == REAP_ID_LIST)
		take_list(reap, answer, io);
	else if (id == REAP_ID_SHARDS)
		take_shards(reap, answer, io);
	else if (id == REAP_ID_PROBE)
		take_probe(reap, answer);
	else if (id < REAP_ID_OBJECTS)
		take_container(reap, (size_t)(id - REAP_ID_CONTAINER), answer);
	else
		take_object(reap, id, answer, now_us);
	if (io->verdict == VERDICT_RETRY)
		io->reason = reason;
}

bool reap_take_unsent(struct reap *reap, int64_t id, int64_t now_us) {
	if (id < REAP_ID_PROBE) {
		reap->away |= (uint64_t)1 << reap->asked;
		return reap_ask_another(reap) ||
			(id == REAP_ID_ASK && reap_go_unasked(reap, now_us));
	}
	if (id == REAP_ID_PROBE)
		take_probe(reap, NULL);
	else if (id < REAP_ID_OBJECTS)
		take_container(reap, (size_t)(id - REAP_ID_CONTAINER), NULL);
	else
		take_object(reap, id, NULL, now_us);
	return true;
}
