// SPDX-License-Identifier: MPL-2.0
// deletes: the objects of one page of a listing, each of which every server of it has to delete.
// Some of these requests are open at a time, in the order of the listing; one that failed is not
// sent again, for the others do, and the next listing tells. Thread: loop.
#pragma once

#include "common/targets/swift/backend/object_page.h"
#include "common/targets/swift/book/counts.h"
#include "common/targets/swift/cluster/cluster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DELETES_OPEN_MAX = 64 };

struct deletes; // opaque

struct deletes_setup {
	const struct cluster *cluster;
	// Both names outlive it.
	const struct name_part *account, *container;
	// Of the objects' policy. It is given back with the rest.
	struct shelf_ring *ring;
	// Owned from then on, also after an error.
	struct object_page *page;
	struct counts *counts;
	// The listing does not get shorter: what is absent may have gone before.
	bool is_retiring;
};

// Where one of the open requests goes.
struct open_delete {
	int64_t id;
	struct name_part object;
	struct backend_place place;
	// Which of the object's requests it is, of how many.
	size_t index, requests;
};

enum deletes_answer { DELETES_GOOD, DELETES_ABSENT, DELETES_BAD };

// 0; -ENODEV, -EIO: the first object cannot be located; -ENOMEM.
int deletes_new(struct deletes **out, const struct deletes_setup *setup);
void deletes_free(struct deletes *deletes); // NULL is fine
// The index-th of those that are open. False: there are not so many; of index 0: all are done.
bool deletes_at(const struct deletes *deletes, size_t index, struct open_delete *out);
bool deletes_find(const struct deletes *deletes, int64_t id, struct open_delete *out);
// The request is done: opens more.
void deletes_take(struct deletes *deletes, int64_t id, enum deletes_answer answer);
int deletes_next_part_power(const struct deletes *deletes); // as ring_next_part_power
// Both live as long as these do.
struct shelf_ring *deletes_ring(const struct deletes *deletes);
const struct object_page *deletes_page(const struct deletes *deletes);
// Opens no more objects than were begun with.
void deletes_stop(struct deletes *deletes);
struct name_part deletes_last(const struct deletes *deletes); // of those that are opened
// Objects of the page that no server deleted so far.
int64_t deletes_remaining(const struct deletes *deletes);
