// SPDX-License-Identifier: MPL-2.0
// object_page: a page of the objects of a container, as a container server lists them. Pure.
// Thread: the owner's.
//
// Source: create_listing of Swift 2.38.3's container server: a JSON list of objects with a "name".
// All is ASCII there, NUL is "\u0000", and what is beyond 16 bits a pair of surrogates.
#pragma once

#include "common/targets/swift/backend/backend_url.h"

#include <stddef.h>

struct object_page; // opaque

// 0; -EBADMSG: it is none, or an entry without a name; -ENOMEM. The text need not live on.
int object_page_parse(struct object_page **out, const char *text, size_t len);
void object_page_free(struct object_page *listing); // NULL is fine
size_t object_page_count(const struct object_page *listing);
// index < object_page_count. The bytes are the listing's, and no NUL need follow them.
struct name_part object_page_at(const struct object_page *listing, size_t index);
