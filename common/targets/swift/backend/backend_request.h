// SPDX-License-Identifier: MPL-2.0
// backend_request: the requests to Swift's account, container and object servers. Pure.
// Thread: any.
//
// Source: AccountReaper and direct_client of Swift 2.38.3. All return 0, -ENOMEM, -EMSGSIZE,
// -EINVAL or -ENOBUFS, and leave a request that http_request_fini frees.
#pragma once

#include "common/targets/swift/backend/backend_url.h"
#include "common/targets/swift/backend/updates.h"

#include <stddef.h>
#include <stdint.h>

struct http_request;

// Is it deleted? See backend_answer_account.
int backend_head_account(
	struct http_request *out, const struct backend_place *place, const struct name_part *account
);

// Is it there? names: account, container, object. See backend_answer_object.
int backend_head_object(
	struct http_request *out,
	const struct backend_place *place,
	const struct name_part names[3],
	int64_t policy
);

struct backend_list {
	struct backend_place place;
	struct name_part account, container;
	struct name_part marker; // objects behind this name; empty: all
	// 0: as many as the server gives, whose own limit a greater one may not pass.
	int limit;
	// Whose objects; -1: that of the container.
	int64_t policy;
	size_t body_bytes_most;
};

// A page of its objects: see backend_answer_list.
int backend_list(struct http_request *out, const struct backend_list *list);
// The names of its shards. Of `list`, only place, names and body_bytes_most count.
int backend_list_shards(struct http_request *out, const struct backend_list *list);

struct backend_delete {
	struct backend_place place;
	struct name_part names[3]; // as many as the thing has
	// Wall clock: of all servers of the thing the same.
	int64_t stamp_us;
	// Which of the thing's requests it is, of how many.
	size_t index, requests;
	// Whom the server tells of it.
	struct updates tells;
	// Of an object: the account and the container that are told, when they are not its own.
	struct name_part told[2];
	int next_part_power; // of an object's ring; 0: none
};

int backend_delete_object(
	struct http_request *out, const struct backend_delete *what, int64_t policy
);
// Its account is deleted, and has its row of the container removed all the same.
int backend_delete_container(struct http_request *out, const struct backend_delete *what);
