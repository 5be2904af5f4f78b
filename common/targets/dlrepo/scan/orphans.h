// SPDX-License-Identifier: MPL-2.0
// orphans: counts the files that nothing needs any more, and then finds them. Thread: scan.
#pragma once

struct dlrepo_config;
struct page;
struct pass;
struct survey;

// Looks at the next files. 0 or -ENOMEM; page->end_of_stage: all were counted, page->has_estimate.
int orphans_count_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
);
// Puts the next ones. 0, -ENOMEM, -EMSGSIZE; page->end_of_stage: there are no more.
int orphans_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
);
