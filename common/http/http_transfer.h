// SPDX-License-Identifier: MPL-2.0
// http_transfer: one of the transfers of http: a libcurl handle that is used again, its request and
// its answer.
//
// Thread: loop. Owner: http. Besides http.c nobody includes this.
#pragma once

#include "common/http/http_header.h"
#include "common/http/http_message.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/queue.h>

struct http_transfer { // zero it before http_transfer_init
	CURL *easy; // NULL until it is first needed
	LIST_ENTRY(http_transfer) link;
	void *tag;
	int64_t started_ms;
	int64_t send_by_ms; // 0: whenever
	// No socket could be made for it.
	bool lacks_files;
	// It was too late to send it.
	bool is_stale;
	struct curl_slist headers[HTTP_HEADERS_MAX]; // into `text`
	char *text; // copies of the header lines
	size_t text_bytes, text_size;
	char *body;
	size_t body_bytes, body_size, body_max_bytes;
	size_t body_seen_bytes, body_drop_bytes, head_bytes;
	struct http_header_hints hints;
	char error[CURL_ERROR_SIZE];
};

// Makes the handle as a copy of `model`. wait_headers: as in http_options. Returns 0 or -ENOMEM.
int http_transfer_init(
	struct http_transfer *transfer, CURL *model, const char *const *wait_headers
);
void http_transfer_fini(struct http_transfer *transfer); // a zeroed one is fine

// Prepares the handle for `request`, which is copied. Returns 0 or -ENOMEM.
int http_transfer_set(
	struct http_transfer *transfer,
	const struct http_request *request,
	int64_t timeout_ms,
	size_t body_drop_bytes
);

// What came of it. The body is the transfer's, until http_transfer_retire.
struct http_answer http_transfer_answer(const struct http_transfer *transfer, CURLcode code);

// Wipes the request's headers and gives back what is too much to keep.
void http_transfer_retire(struct http_transfer *transfer);
