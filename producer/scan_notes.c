// SPDX-License-Identifier: MPL-2.0
// scan_notes: tells what the pages of a pass have for the log, and counts what is wrong.
#include "producer/scan_notes.h"

#include "common/base/log.h"

static void warn(struct scan_notes *notes, struct log *log, const char *words) {
	enum quota_answer answer = quota_take(&notes->told, 0, 0);

	if (answer == QUOTA_WRITE)
		LOG(log, LOG_LEVEL_WARNING, words);
	else if (answer == QUOTA_LAST)
		LOG(log,
		    LOG_LEVEL_WARNING,
		    "the scan has more to warn of; only counted from here on");
}

void scan_notes_page(struct scan_notes *notes, struct log *log, const struct page *page) {
	notes->troubles += page->troubles;
	for (const struct page_note *note = page->notes; note != NULL; note = note->next) {
		if (note->kind == PAGE_INFO)
			LOG(log, LOG_LEVEL_INFO, note->words);
		else
			warn(notes, log, note->words);
	}
}
