// SPDX-License-Identifier: MPL-2.0
// stage_news: tells that a pass waits for the end of a stage, and when it goes on.
#include "producer/outbox/stage_news.h"

#include "common/base/log.h"
#include "producer/outbox/standing.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

// A stage that workers finish at once is no news.
enum { TELL_AFTER_MS = 5000, TELL_EVERY_MS = 60 * 1000 };

void stage_news_begin(struct stage_news *news) {
	news->told_ms = 0;
}

// Null when it is not known.
static struct log_field where(const struct standing *standing, char out[STAGE_WORDS_BYTES]) {
	standing_words(standing, out, STAGE_WORDS_BYTES);
	return log_str("where", standing_is_known(standing) ? out : NULL);
}

static struct log_field left(const struct standing *standing) {
	return standing_is_known(standing) ? log_int("left", standing_left(standing, NULL))
					   : log_str("left", NULL);
}

void stage_news_wait(
	struct stage_news *news,
	const struct standing *standing,
	const char *why,
	int64_t waited_ms,
	int64_t now_ms
) {
	const struct log_field nothing = {0};
	bool is_first = news->told_ms == 0, is_known = standing_is_known(standing);
	bool has_commits = standing_has_commits(standing);
	char words[STAGE_WORDS_BYTES];

	if (is_first ? waited_ms < TELL_AFTER_MS : now_ms - news->told_ms < TELL_EVERY_MS)
		return;
	news->told_ms = now_ms;
	LOG(news->log,
	    LOG_LEVEL_INFO,
	    is_first ? "waiting: the next stage begins when the workers have finished this one"
		     : "still waiting: the workers have not finished this stage",
	    log_str("group", news->group),
	    left(standing),
	    where(standing, words),
	    log_int("waited_s", waited_ms / 1000),
	    !is_known ? log_str("error", why)
		    : has_commits
		    ? nothing
		    : log_str("hint",
			      "no worker of this group has committed anything yet; do "
			      "workers run, and with this --group?"));
}

void stage_news_end(const struct stage_news *news, int64_t waited_ms) {
	if (news->told_ms != 0)
		LOG(news->log,
		    LOG_LEVEL_INFO,
		    "going on: the workers have finished the stage",
		    log_int("waited_s", waited_ms / 1000));
}

void stage_news_late(
	const struct stage_news *news,
	const struct standing *standing,
	const char *why,
	int64_t waited_ms
) {
	char words[STAGE_WORDS_BYTES];

	LOG(news->log,
	    LOG_LEVEL_WARNING,
	    "going on: the workers did not finish the stage within --stage-wait",
	    log_str("group", news->group),
	    left(standing),
	    where(standing, words),
	    log_int("waited_s", waited_ms / 1000),
	    log_str("error", standing_is_known(standing) ? NULL : why));
}

void stage_news_words(
	const struct standing *standing, const char *why, char out[STAGE_WORDS_BYTES]
) {
	int64_t records = standing_left(standing, NULL);
	char places[STAGE_WORDS_BYTES / 2];

	standing_words(standing, places, sizeof(places));
	if (records < 0)
		snprintf(out, STAGE_WORDS_BYTES, "how many records are left is unknown (%s)", why);
	else
		snprintf(
			out,
			STAGE_WORDS_BYTES,
			"%" PRId64 " record(s) are left (%s)",
			records,
			places
		);
}
