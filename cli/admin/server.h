// SPDX-License-Identifier: MPL-2.0
// server: answers HTTP requests on a thread of its own, within bounds. It knows no page.
#pragma once

#include "cli/admin/address.h"
#include "cli/admin/pages.h"

#include <stddef.h>
#include <stdint.h>

struct server; // opaque

struct server_setup {
	struct address address;
	unsigned connections; // at once
	unsigned per_address; // of these
	// Of a request's first line and headers, about.
	size_t request_bytes;
	unsigned idle_s; // a connection that moves nothing ends
	int64_t age_ms; // every connection ends
	// Thread: the server's.
	void (*answer)(void *ctx, const struct page_request *request, struct page_answer *out);
	void *ctx;
};

// 0; -EADDRINUSE, -EADDRNOTAVAIL, -EACCES or another errno of the socket; -ENOMEM, -EAGAIN.
int server_open(struct server **out, const struct server_setup *setup);
void server_close(struct server *server); // ends the thread; NULL is fine
