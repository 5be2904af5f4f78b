// SPDX-License-Identifier: MPL-2.0
// lag_news: tells that publishing waits for the workers, and when it goes on.
#include "producer/outbox/lag_news.h"

#include "common/base/log.h"
#include "producer/outbox/lag_watch.h"

enum { TELL_EVERY_MS = 60 * 1000 };

void lag_news_begin(struct lag_news *news) {
	news->told_ms = 0;
}

static void tell_unknown(struct lag_news *news, const struct lag_watch *watch, int64_t now_ms) {
	if (news->told_ms != 0 && now_ms - news->told_ms < TELL_EVERY_MS)
		return;
	news->told_ms = now_ms;
	LOG(news->log,
	    LOG_LEVEL_INFO,
	    "waiting: how far the workers are is unknown",
	    log_str("group", watch->group),
	    log_str("lag", NULL),
	    log_int("max_queue_lag", news->lag_max),
	    log_str("error", watch->why));
}

static void tell_known(
	struct lag_news *news, const struct lag_watch *watch, bool is_waiting, bool was_waiting
) {
	const struct log_field nothing = {0};
	const struct log_field hint = log_str(
		"hint",
		"no worker of this group has committed anything yet; do workers run, and "
		"with this --group?"
	);
	bool was_unknown = news->told_ms != 0;

	news->told_ms = 0;
	if (is_waiting && (!was_waiting || was_unknown))
		LOG(news->log,
		    LOG_LEVEL_INFO,
		    "waiting: the workers are too far behind",
		    log_str("group", watch->group),
		    log_int("lag", watch->lag),
		    log_int("max_queue_lag", news->lag_max),
		    watch->has_commits ? nothing : hint);
	else if (was_waiting && !is_waiting)
		LOG(news->log,
		    LOG_LEVEL_INFO,
		    was_unknown ? "going on: how far the workers are is known again"
				: "going on: the workers have caught up",
		    log_int("lag", watch->lag));
}

void lag_news_tell(
	struct lag_news *news,
	const struct lag_watch *watch,
	bool is_waiting,
	bool was_waiting,
	int64_t now_ms
) {
	if (watch->lag < 0)
		tell_unknown(news, watch, now_ms);
	else
		tell_known(news, watch, is_waiting, was_waiting);
}
