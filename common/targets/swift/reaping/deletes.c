// SPDX-License-Identifier: MPL-2.0
// deletes: the objects of one page of a listing, each of which every server of it has to delete.
#include "common/targets/swift/reaping/deletes.h"

#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/ring/ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Of one object.
struct standing {
	uint8_t good;
	uint8_t bad;
	uint8_t absent; // of the bad ones
	uint8_t requests;
};

struct deletes {
	struct deletes_setup setup;
	struct open_delete open[DELETES_OPEN_MAX];
	size_t open_count;
	size_t limit; // objects that are opened at all
	// The first object that is not opened whole.
	size_t next;
	size_t next_index; // of its requests
	struct cluster_site site; // of that object
	int64_t remaining;
	struct standing standings[]; // by object
};

static size_t object_of(int64_t id) {
	return (size_t)id / CLUSTER_DEVICES_MAX;
}

static int locate_next(struct deletes *deletes) {
	const struct deletes_setup *setup = &deletes->setup;
	const struct name_path path = {
		*setup->account, *setup->container, object_page_at(setup->page, deletes->next)};
	int err = cluster_locate(setup->cluster, setup->ring, &path, &deletes->site);

	deletes->standings[deletes->next].requests = (uint8_t)deletes->site.count;
	return err;
}

static void open_next(struct deletes *deletes) {
	const struct cluster_site *site = &deletes->site;

	deletes->open[deletes->open_count++] = (struct open_delete){
		.id = (int64_t)(deletes->next * CLUSTER_DEVICES_MAX + deletes->next_index),
		.object = object_page_at(deletes->setup.page, deletes->next),
		.place = {site->devices[deletes->next_index], site->partition},
		.index = deletes->next_index,
		.requests = site->count,
	};
	deletes->next_index++;
}

// An object that lies nowhere by the ring stays, and is counted as such.
static void fill(struct deletes *deletes) {
	while (deletes->open_count < DELETES_OPEN_MAX && deletes->next < deletes->limit) {
		if (deletes->next_index == 0 && locate_next(deletes) < 0) {
			deletes->remaining++;
			deletes->setup.counts->objects[REAPED_REMAINING]++;
			deletes->setup.counts->replies[REAPED_REMAINING]++;
			deletes->next++;
			continue;
		}
		open_next(deletes);
		if (deletes->next_index == deletes->site.count) {
			deletes->next_index = 0;
			deletes->next++;
		}
	}
}

int deletes_new(struct deletes **out, const struct deletes_setup *setup) {
	size_t count = object_page_count(setup->page);
	struct deletes *deletes = calloc(
		1, sizeof(*deletes) + count * sizeof(deletes->standings[0])
	);

	if (deletes == NULL) {
		object_page_free(setup->page);
		shelf_give_back(setup->ring);
		return -ENOMEM;
	}
	deletes->setup = *setup;
	deletes->limit = count;
	fill(deletes);
	*out = deletes;
	return 0;
}

void deletes_free(struct deletes *deletes) {
	if (deletes == NULL)
		return;
	object_page_free(deletes->setup.page);
	shelf_give_back(deletes->setup.ring);
	free(deletes);
}

bool deletes_at(const struct deletes *deletes, size_t index, struct open_delete *out) {
	if (index >= deletes->open_count)
		return false;
	*out = deletes->open[index];
	return true;
}

static size_t index_of(const struct deletes *deletes, int64_t id) {
	size_t index = 0;

	while (index < deletes->open_count && deletes->open[index].id != id)
		index++;
	return index;
}

bool deletes_find(const struct deletes *deletes, int64_t id, struct open_delete *out) {
	return deletes_at(deletes, index_of(deletes, id), out);
}

static void end_object(struct deletes *deletes, const struct standing *standing) {
	const struct deletes_setup *setup = &deletes->setup;
	enum reaped reaped = counts_judge(standing->good, standing->bad);
	bool is_absent = standing->absent == standing->requests;

	if (standing->good > 0 || (is_absent && !setup->is_retiring))
		shelf_note(setup->ring, standing->good > 0);
	if (is_absent) {
		setup->counts->absent += !setup->is_retiring;
		return;
	}
	setup->counts->objects[reaped]++;
	deletes->remaining += reaped == REAPED_REMAINING;
}

void deletes_take(struct deletes *deletes, int64_t id, enum deletes_answer answer) {
	size_t index = index_of(deletes, id);
	struct standing *standing = &deletes->standings[object_of(id)];

	if (index == deletes->open_count)
		return;
	deletes->open_count--;
	memmove(&deletes->open[index],
		&deletes->open[index + 1],
		(deletes->open_count - index) * sizeof(deletes->open[0]));
	if (answer == DELETES_GOOD)
		standing->good++;
	else
		standing->bad++;
	deletes->setup.counts->object_failures += answer != DELETES_GOOD;
	if (answer == DELETES_ABSENT)
		standing->absent++;
	deletes->setup.counts->replies[counts_judge(standing->good, standing->bad)]++;
	if (standing->good + standing->bad == standing->requests)
		end_object(deletes, standing);
	fill(deletes);
}

struct shelf_ring *deletes_ring(const struct deletes *deletes) {
	return deletes->setup.ring;
}

const struct object_page *deletes_page(const struct deletes *deletes) {
	return deletes->setup.page;
}

void deletes_stop(struct deletes *deletes) {
	size_t begun = deletes->next + (deletes->next_index > 0 ? 1 : 0);

	if (begun < deletes->limit)
		deletes->limit = begun;
}

int deletes_next_part_power(const struct deletes *deletes) {
	return ring_next_part_power(shelf_ring_of(deletes->setup.ring));
}

struct name_part deletes_last(const struct deletes *deletes) {
	return object_page_at(deletes->setup.page, deletes->limit - 1);
}

int64_t deletes_remaining(const struct deletes *deletes) {
	return deletes->remaining;
}
