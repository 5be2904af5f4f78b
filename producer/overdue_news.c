// SPDX-License-Identifier: MPL-2.0
// overdue_news: tells of rows that a pass found long after they were due.
#include "producer/overdue_news.h"

#include "common/base/log.h"
#include "common/target/pass.h"
#include "common/text/moment.h"

#include <stddef.h>

void overdue_news_page(struct overdue_news *news, const struct overdue *page) {
	struct overdue *found = &news->found;
	size_t told = found->named;

	overdue_merge(found, page);
	for (; told < found->named; told++) {
		const struct overdue_row *row = &found->rows[told];
		char since[MOMENT_BYTES];

		moment_format(row->due_ms, since);
		LOG(news->log,
		    LOG_LEVEL_WARNING,
		    "record has not been purged since it was due",
		    log_str("id", row->id),
		    log_str("node", row->node[0] == '\0' ? NULL : row->node),
		    log_str("since", since));
	}
}

static void tell_others(const struct overdue_news *news) {
	const struct overdue *found = &news->found;
	char oldest[MOMENT_BYTES];

	if (found->count <= (int64_t)found->named)
		return;
	moment_format(found->oldest_ms, oldest);
	LOG(news->log,
	    LOG_LEVEL_WARNING,
	    "more records have not been purged since they were due",
	    log_int("count", found->count - (int64_t)found->named),
	    log_str("oldest_due_at", oldest));
}

void overdue_news_end(struct overdue_news *news, const struct pass_wish *wish, bool is_at_end) {
	tell_others(news);
	news->is_all = is_at_end && wish->warn_after_ms > 0 && wish->resume == NULL &&
		!wish->is_short && !wish->has_range_start && !wish->has_range_end &&
		wish->max_records == 0 && !news->is_limited;
}
