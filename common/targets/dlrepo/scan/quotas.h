// SPDX-License-Identifier: MPL-2.0
// quotas: counts anew what a user's repository takes, and writes it down where dlrepo reads it.
// Thread: scan.
#pragma once

struct page;
struct survey;

// That of the next user. page->end_of_stage: there is no other one. What cannot be done is told by
// the page.
// Source: UserRepository.disk_usage_refresh of dlrepo 0.44.
void quotas_page(struct survey *survey, struct page *page);
