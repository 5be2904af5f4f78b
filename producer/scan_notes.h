// SPDX-License-Identifier: MPL-2.0
// scan_notes: tells what the pages of a pass have for the log, and counts what is wrong.
// Thread: scan.
#pragma once

#include "common/base/quota.h"
#include "common/page.h"

#include <stdint.h>

struct log;

struct scan_notes { // of a pass; zero it before
	int64_t troubles;
	struct quota told; // warnings
};

// Of warnings the first are told, and then that there are more.
void scan_notes_page(struct scan_notes *notes, struct log *log, const struct page *page);
