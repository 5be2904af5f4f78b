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
	bool has_body;
};

// What the answer may be made of.
struct page_facts {
	const struct numbers *numbers;
	const struct numbers_of *of;
	int64_t still_ms; // as health_live
	int64_t now_wall_ms;
};

struct page_answer {
	int status;
	const char *type; // of its content
	const char *allow; // the methods; NULL: no 405
	struct buf body; // Owner: the caller
};

// GET and HEAD have the same answer. *out is zeroed.
void pages_answer(
	const struct page_request *request, const struct page_facts *facts, struct page_answer *out
);
