// SPDX-License-Identifier: MPL-2.0
// backend_answer: what Swift's account and container servers say. Pure. Thread: any.
//
// Source: account/server.py and container/server.py of Swift 2.38.3.
#pragma once

#include <stdint.h>

struct http_answer;

// Headers that the requests keep: of a HEAD of an account or an object, and of a listing.
extern const char *const backend_account_headers[];
extern const char *const backend_object_headers[];
extern const char *const backend_list_headers[];

enum account_answer {
	// 404, and it says that the account was deleted.
	ACCOUNT_IS_DELETED,
	ACCOUNT_IS_SEEN, // 2xx: by users too
	// 404 without that: it never was, or lies elsewhere.
	ACCOUNT_IS_UNKNOWN,
	ACCOUNT_DOES_NOT_TELL, // another status, or none
};

enum object_answer {
	// The server has it, or knows when it was deleted or when its time was over.
	OBJECT_IS_KNOWN,
	OBJECT_IS_UNKNOWN,
	OBJECT_DOES_NOT_TELL,
};

enum list_answer {
	// All that there is, from the marker on.
	LIST_IS_PAGE,
	// The same, of a container whose objects are being moved to shards: as they were then.
	LIST_IS_RETIRING,
	// Other containers have all of its objects.
	LIST_IS_SHARDED,
	LIST_IS_OF_SHARDS, // their names, as was asked for
	// 404, and it was deleted after it was made.
	LIST_IS_DELETED,
	// 404 without a trace: it never was, or lies elsewhere.
	LIST_IS_UNKNOWN,
	LIST_DOES_NOT_TELL,
};

// Of requests of backend_request.
enum account_answer backend_answer_account(const struct http_answer *answer);
enum object_answer backend_answer_object(const struct http_answer *answer);
enum list_answer backend_answer_list(const struct http_answer *answer);
// Index of the storage policy that the objects of a page are listed of; -1: it is not said.
int64_t backend_answer_policy(const struct http_answer *answer);
