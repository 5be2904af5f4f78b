// SPDX-License-Identifier: MPL-2.0
// pages: what an endpoint answers to a request.
#include "cli/admin/pages.h"

#include "cli/admin/health.h"
#include "cli/admin/metrics_text.h"
#include "cli/admin/status_text.h"

#include <string.h>

enum {
	STATUS_OK = 200,
	STATUS_ACCEPTED = 202,
	STATUS_BAD = 400,
	STATUS_FORBIDDEN = 403,
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
	// Instead: it is asked for something.
	void (*obey
	)(const struct page_request *request,
	  const struct page_facts *facts,
	  struct page_answer *out);
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

static void refuse(struct page_answer *out, int status, const char *words) {
	out->status = status;
	buf_str(&out->body, words);
}

static void refuse_query(const struct page_facts *facts, struct page_answer *out) {
	refuse(out, STATUS_BAD, "POST /trigger asks for a pass");
	if (facts->short_pass == NULL)
		buf_str(&out->body, "; nothing may follow it\n");
	else
		buf_fmt(&out->body,
			", POST /trigger?%s for a short one; nothing else may follow it\n",
			facts->short_pass);
}

static const char *accepted(const struct page_facts *facts) {
	if (facts->numbers->is_paused == 1)
		return "it rests; a pass begins when it goes on\n";
	return facts->is_pass_running ? "a pass is running; another one follows\n"
				      : "a pass begins now\n";
}

static void obey_trigger(
	const struct page_request *request, const struct page_facts *facts, struct page_answer *out
) {
	bool is_short = request->query != NULL && facts->short_pass != NULL &&
		strcmp(request->query, facts->short_pass) == 0;

	// Any page that somebody reads here could send it.
	if (request->is_of_page) {
		refuse(out, STATUS_FORBIDDEN, "not for a page in a browser\n");
	} else if (request->query != NULL && !is_short) {
		refuse_query(facts, out);
	} else if (facts->numbers->is_stopping == 1) {
		refuse(out, STATUS_UNAVAILABLE, "it comes to its end\n");
	} else {
		out->wish = is_short ? PAGE_WISH_SHORT_PASS : PAGE_WISH_PASS;
		out->status = STATUS_ACCEPTED;
		buf_str(&out->body, accepted(facts));
	}
}

static const struct page pages[] = {
	{"/metrics", "the numbers, for Prometheus", answer_metrics, NULL},
	{"/livez", "200 while it lives", answer_live, NULL},
	{"/readyz", "200 while it is ready for its work", answer_ready, NULL},
	{"/status", "the numbers as JSON", answer_status, NULL},
	{"/trigger", "POST asks for a pass now", NULL, obey_trigger},
};

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

static bool is_there(const struct page *page, const struct page_facts *facts) {
	return page->obey == NULL || facts->has_trigger;
}

static const struct page *find(const char *path, const struct page_facts *facts) {
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(pages[i].path, path) == 0 && is_there(&pages[i], facts))
			return &pages[i];
	return NULL;
}

static void answer_unknown(const struct page_facts *facts, struct page_answer *out) {
	refuse(out, STATUS_NOT_FOUND, "there is no such page; there are:\n");
	for (size_t i = 0; i < PAGES; i++)
		if (is_there(&pages[i], facts))
			buf_fmt(&out->body, "%s: %s\n", pages[i].path, pages[i].words);
}

// Is it one that the page takes? Else it is refused.
static bool check_method(const struct page *page, const char *method, struct page_answer *out) {
	bool is_get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

	if (page->obey != NULL ? strcmp(method, "POST") == 0 : is_get)
		return true;
	out->allow = page->obey != NULL ? "POST" : "GET, HEAD";
	refuse(out, STATUS_METHOD, page->obey != NULL ? "only POST\n" : "only GET and HEAD\n");
	return false;
}

static void answer_page(
	const struct page *page,
	const struct page_request *request,
	const struct page_facts *facts,
	struct page_answer *out
) {
	if (!check_method(page, request->method, out))
		return;
	if (request->has_body)
		refuse(out, STATUS_TOO_LARGE, "a request has no body here\n");
	else if (page->obey != NULL)
		page->obey(request, facts, out);
	else
		page->fill(facts, out);
}

void pages_answer(
	const struct page_request *request, const struct page_facts *facts, struct page_answer *out
) {
	const struct page *page = find(request->path, facts);

	out->status = STATUS_OK;
	out->type = TEXT_TYPE;
	buf_init(&out->body, 0);
	if (page == NULL)
		answer_unknown(facts, out);
	else
		answer_page(page, request, facts, out);
	if (out->body.error < 0) {
		out->wish = PAGE_WISH_NOTHING;
		buf_clear(&out->body);
		refuse(out, STATUS_FAILED, "out of memory\n");
	}
}
