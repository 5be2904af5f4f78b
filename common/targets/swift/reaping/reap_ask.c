// SPDX-License-Identifier: MPL-2.0
// reap_ask: what the servers of the account say of it before a page goes.
#include "common/targets/swift/reaping/reap_ask.h"

#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/targets/swift/backend/backend_answer.h"
#include "common/targets/swift/reaping/reap.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	WORDS_BYTES = 300,
	US_PER_MS = 1000,
	US_PER_S = 1000000,
	CLOCKS_APART_S = 60,
};

// Of those who say nothing, each may have been undeleted.
static bool is_said_deleted(const struct reap *reap) {
	return reap->said_deleted * 2 > reap->account.count;
}

static void say_who_said_so(const struct reap *reap, char words[WORDS_BYTES]) {
	snprintf(
		words,
		WORDS_BYTES,
		reap->said_deleted > 0
			? "%zu of its account's %zu servers say that it is deleted, and more than "
			  "half have to"
			: "no account server knows its account: are the hash of swift.conf and the "
			  "account ring those of this cluster?",
		reap->said_deleted,
		reap->account.count
	);
}

// All were asked. Those who said nothing are asked once more, when it depends on them.
static void end_ask(struct reap *reap, struct finding *io, int64_t now_us) {
	uint64_t all = reap->account.count < 64 ? ((uint64_t)1 << reap->account.count) - 1
						: UINT64_MAX;
	char words[WORDS_BYTES];

	if (is_said_deleted(reap)) {
		reap_enter_list(reap, now_us);
	} else if (reap->told != all) {
		reap->away = reap->told;
		io->verdict = VERDICT_RETRY;
		reap_ask_another(reap);
	} else {
		say_who_said_so(reap, words);
		reap_end(reap, VERDICT_POSTPONED, REASON_UNKNOWN, words);
	}
}

static void ask_next(struct reap *reap, struct finding *io, int64_t now_us) {
	reap->away |= (uint64_t)1 << reap->asked;
	if (!reap_ask_another(reap))
		end_ask(reap, io, now_us);
}

static void note_told(struct reap *reap, bool is_deleted) {
	reap->told |= (uint64_t)1 << reap->asked;
	reap->said_deleted += is_deleted;
}

static void take_seen(struct reap *reap, struct finding *io, int64_t now_us) {
	if (!reap->rule.takes_half_undeleted) {
		reap_end(reap, VERDICT_LEFT, REASON_LIVE, NULL);
		return;
	}
	note_told(reap, true);
	ask_next(reap, io, now_us);
}

// How far our clock is ahead of the server's; 0: it told none.
static int64_t ahead_s(const struct http_answer *answer, int64_t now_us) {
	return answer->date_s == 0 ? 0 : now_us / US_PER_S - answer->date_s;
}

static void end_for_clocks(struct reap *reap, int64_t apart_s) {
	char words[WORDS_BYTES];

	snprintf(
		words,
		sizeof(words),
		"our clock is %" PRId64 " s %s that of '%s': nothing is deleted before they agree",
		apart_s < 0 ? -apart_s : apart_s,
		apart_s < 0 ? "behind" : "ahead of",
		reap->account.devices[reap->asked]->replication_ip
	);
	reap_end(reap, VERDICT_POSTPONED, REASON_UNKNOWN, words);
}

void reap_take_ask(
	struct reap *reap, const struct http_answer *answer, struct finding *io, int64_t now_us
) {
	int64_t asked_us = now_us - answer->elapsed_ms * US_PER_MS;
	int64_t apart_s = ahead_s(answer, now_us);

	if (asked_us < reap->checked_us)
		reap->checked_us = asked_us;
	// Times of ours that are wrong would delete what is written later, or keep users out.
	if (apart_s > CLOCKS_APART_S || apart_s < -CLOCKS_APART_S) {
		end_for_clocks(reap, apart_s);
		return;
	}
	switch (backend_answer_account(answer)) {
	case ACCOUNT_IS_DELETED:
		note_told(reap, true);
		ask_next(reap, io, now_us);
		break;
	case ACCOUNT_IS_SEEN:
		take_seen(reap, io, now_us);
		break;
	case ACCOUNT_IS_UNKNOWN:
		note_told(reap, false);
		ask_next(reap, io, now_us);
		break;
	case ACCOUNT_DOES_NOT_TELL:
		ask_next(reap, io, now_us);
		break;
	}
}

bool reap_go_unasked(struct reap *reap, int64_t now_us) {
	if (is_said_deleted(reap))
		reap_enter_list(reap, now_us);
	return is_said_deleted(reap);
}
