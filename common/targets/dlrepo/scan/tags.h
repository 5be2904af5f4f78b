// SPDX-License-Identifier: MPL-2.0
// tags: finds the tags of a branch that are beyond its policy. Thread: scan.
#pragma once

struct dlrepo_config;
struct page;
struct pass;
struct survey;

// Those of the next branch. 0 or a negative errno; page->end_of_stage: there is no other branch.
int tags_page(
	const struct dlrepo_config *config,
	struct survey *survey,
	const struct pass *pass,
	struct page *page
);
