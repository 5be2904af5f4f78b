// SPDX-License-Identifier: MPL-2.0
// pages: what an endpoint answers to a request. Pure. Thread: any.
#pragma once

#include "cli/admin/numbers.h"
#include "common/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct page_request {
	const char *method;
	const char *path; // without what follows a '?'
	// What follows the '?': NULL: nothing; "": more than one word.
	const char *query;
	bool has_body;
	// A browser sent it for a page of somebody.
	bool is_of_page;
};

// What is asked for besides an answer.
enum page_wish { PAGE_WISH_NOTHING, PAGE_WISH_PASS, PAGE_WISH_SHORT_PASS };

// What the answer may be made of.
struct page_facts {
	const struct numbers *numbers;
	const struct numbers_of *of;
	int64_t still_ms; // as health_live
	int64_t now_wall_ms;
	// A pass may be asked for.
	bool has_trigger;
	// The word for a short one; NULL: there is none.
	const char *short_pass;
	bool is_pass_running;
};

struct page_answer {
	int status;
	const char *type; // of its content
	const char *allow; // the methods; NULL: no 405
	enum page_wish wish;
	struct buf body; // Owner: the caller
};

// GET and HEAD have the same answer. *out is zeroed.
void pages_answer(
	const struct page_request *request, const struct page_facts *facts, struct page_answer *out
);
