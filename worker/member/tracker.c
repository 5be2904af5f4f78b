// SPDX-License-Identifier: MPL-2.0
// tracker: which offsets of one partition may be committed.
//
// Design notes. A ring of the offsets that were begun, oldest first; the first one in it is always
// in work, so its offset is the position. Each offset enters and leaves once.
#include "worker/member/tracker.h"

#include <errno.h>
#include <stdlib.h>

struct tracker_entry {
	int64_t offset;
	bool done;
};

struct tracker {
	uint64_t epoch;
	struct tracker_entry *ring;
	size_t size; // a power of two, or 0
	size_t first; // index in the ring
	size_t count;
	size_t in_work;
	// Behind all that was begun or is known not to exist; -1: nothing yet.
	int64_t next;
};

struct tracker *tracker_new(uint64_t epoch) {
	struct tracker *tracker = calloc(1, sizeof(*tracker));

	if (tracker != NULL) {
		tracker->epoch = epoch;
		tracker->next = -1;
	}
	return tracker;
}

void tracker_free(struct tracker *tracker) {
	if (tracker == NULL)
		return;
	free(tracker->ring);
	free(tracker);
}

// The entry at a place counted from the oldest.
static struct tracker_entry *at(const struct tracker *tracker, size_t place) {
	return &tracker->ring[(tracker->first + place) & (tracker->size - 1)];
}

static int make_room(struct tracker *tracker) {
	size_t size = tracker->size == 0 ? 64 : tracker->size * 2;
	struct tracker_entry *ring;

	if (tracker->count < tracker->size)
		return 0;
	ring = calloc(size, sizeof(*ring));
	if (ring == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < tracker->count; i++)
		ring[i] = *at(tracker, i);
	free(tracker->ring);
	tracker->ring = ring;
	tracker->size = size;
	tracker->first = 0;
	return 0;
}

int tracker_begin(struct tracker *tracker, int64_t offset) {
	int err;

	if (offset < tracker->next)
		return -EALREADY;
	err = make_room(tracker);
	if (err < 0)
		return err;
	*at(tracker, tracker->count++) = (struct tracker_entry){.offset = offset};
	tracker->in_work++;
	tracker->next = offset + 1;
	return 0;
}

static struct tracker_entry *find(const struct tracker *tracker, int64_t offset) {
	size_t low = 0, high = tracker->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at(tracker, middle)->offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == tracker->count || at(tracker, low)->offset != offset)
		return NULL;
	return at(tracker, low);
}

int tracker_finish(struct tracker *tracker, uint64_t epoch, int64_t offset) {
	struct tracker_entry *entry;

	if (epoch != tracker->epoch)
		return -ESTALE;
	entry = find(tracker, offset);
	if (entry == NULL || entry->done)
		return -ENOENT;
	entry->done = true;
	tracker->in_work--;
	while (tracker->count > 0 && at(tracker, 0)->done) {
		tracker->first = (tracker->first + 1) & (tracker->size - 1);
		tracker->count--;
	}
	return 0;
}

void tracker_restart(struct tracker *tracker, uint64_t epoch) {
	tracker->epoch = epoch;
	tracker->first = 0;
	tracker->count = 0;
	tracker->in_work = 0;
	tracker->next = -1;
}

bool tracker_has_passed(const struct tracker *tracker, int64_t offset) {
	return offset < tracker->next;
}

void tracker_note_end(struct tracker *tracker, int64_t offset) {
	if (offset > tracker->next)
		tracker->next = offset;
}

int64_t tracker_next(const struct tracker *tracker) {
	return tracker->next;
}

int64_t tracker_position(const struct tracker *tracker) {
	return tracker->count > 0 ? at(tracker, 0)->offset : tracker->next;
}

size_t tracker_in_work(const struct tracker *tracker) {
	return tracker->in_work;
}

size_t tracker_span(const struct tracker *tracker) {
	return tracker->count;
}
