// SPDX-License-Identifier: MPL-2.0
// pages: what an endpoint answers to a request.
#include "cli/admin/pages.h"

#include "cli/admin/health.h"
#include "cli/admin/metrics_text.h"
#include "cli/admin/status_text.h"

#include <string.h>

enum {
	STATUS_OK = 200,
	STATUS_NOT_FOUND = 404,
	STATUS_METHOD = 405,
	STATUS_TOO_LARGE = 413,
	STATUS_FAILED = 500,
	STATUS_UNAVAILABLE = 503
};

#define TEXT_TYPE "text/plain; charset=utf-8"

struct page {
	const char *path;
	const char *words;
	void (*fill)(const struct page_facts *facts, struct page_answer *out);
};

static void answer_metrics(const struct page_facts *facts, struct page_answer *out) {
	out->type = METRICS_TEXT_TYPE;
	metrics_text(facts->numbers, facts->of, &out->body);
}

static void answer_health(const struct health *health, struct page_answer *out) {
	out->status = health->is_well ? STATUS_OK : STATUS_UNAVAILABLE;
	buf_str(&out->body, health->words);
}

static void answer_live(const struct page_facts *facts, struct page_answer *out) {
	struct health live;

	health_live(facts->numbers, facts->still_ms, &live);
	answer_health(&live, out);
}

static void answer_ready(const struct page_facts *facts, struct page_answer *out) {
	struct health ready;

	health_ready(facts->numbers, facts->still_ms, facts->now_wall_ms, &ready);
	answer_health(&ready, out);
}

static void answer_status(const struct page_facts *facts, struct page_answer *out) {
	struct health live, ready;

	health_live(facts->numbers, facts->still_ms, &live);
	health_ready(facts->numbers, facts->still_ms, facts->now_wall_ms, &ready);
	out->type = "application/json";
	status_text(facts->numbers, facts->of, &live, &ready, &out->body);
}

static const struct page pages[] = {
	{"/metrics", "the numbers, for Prometheus", answer_metrics},
	{"/livez", "200 while it lives", answer_live},
	{"/readyz", "200 while it is ready for its work", answer_ready},
	{"/status", "the numbers as JSON", answer_status},
};

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

static const struct page *find(const char *path) {
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	return NULL;
}

static void refuse(struct page_answer *out, int status, const char *words) {
	out->status = status;
	buf_str(&out->body, words);
}

static void answer_unknown(struct page_answer *out) {
	refuse(out, STATUS_NOT_FOUND, "there is no such page; there are:\n");
	for (size_t i = 0; i < PAGES; i++)
		buf_fmt(&out->body, "%s: %s\n", pages[i].path, pages[i].words);
}

void pages_answer(
	const struct page_request *request, const struct page_facts *facts, struct page_answer *out
) {
	const struct page *page = find(request->path);

	out->status = STATUS_OK;
	out->type = TEXT_TYPE;
	buf_init(&out->body, 0);
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
		out->allow = "GET, HEAD";
		refuse(out, STATUS_METHOD, "only GET and HEAD\n");
	} else if (request->has_body) {
		refuse(out, STATUS_TOO_LARGE, "a request has no body here\n");
	} else if (page == NULL) {
		answer_unknown(out);
	} else {
		page->fill(facts, out);
	}
	if (out->body.error < 0) {
		buf_clear(&out->body);
		refuse(out, STATUS_FAILED, "out of memory\n");
	}
}
