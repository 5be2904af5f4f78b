// SPDX-License-Identifier: MPL-2.0
// shelf: ring files, each read once for all who want it, and again when it was changed.
#include "common/targets/swift/cluster/shelf.h"

#include "common/targets/swift/ring/ring_open.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

enum { LOOK_AGAIN_MS = 5000, FOUND_LEAST = 8 };

struct shelf_ring {
	struct ring *ring;
	size_t users; // the shelf is one of them
	// Things that were found by it, and that were not.
	int64_t found, missed;
};

struct place {
	SLIST_ENTRY(place) link;
	char *path;
	struct shelf_ring *ring;
	// As it was before it was read.
	struct stat file;
	int64_t looked_ms;
};

SLIST_HEAD(place_list, place);

struct shelf {
	struct place_list places;
};

struct shelf *shelf_new(void) {
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	if (shelf != NULL)
		SLIST_INIT(&shelf->places);
	return shelf;
}

static void place_free(struct place *place) {
	shelf_give_back(place->ring);
	free(place->path);
	free(place);
}

void shelf_free(struct shelf *shelf) {
	if (shelf == NULL)
		return;
	while (!SLIST_EMPTY(&shelf->places)) {
		struct place *place = SLIST_FIRST(&shelf->places);

		SLIST_REMOVE_HEAD(&shelf->places, link);
		place_free(place);
	}
	free(shelf);
}

static struct place *find(struct shelf *shelf, const char *path) {
	struct place *place = NULL;

	SLIST_FOREACH(place, &shelf->places, link) {
		if (strcmp(place->path, path) == 0)
			return place;
	}
	place = calloc(1, sizeof(*place));
	if (place == NULL)
		return NULL;
	place->path = strdup(path);
	if (place->path == NULL) {
		free(place);
		return NULL;
	}
	SLIST_INSERT_HEAD(&shelf->places, place, link);
	return place;
}

static bool is_same(const struct stat *one, const struct stat *other) {
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
		one->st_size == other->st_size && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
		one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

static int read_ring(struct place *place, char *error, size_t error_bytes) {
	struct shelf_ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (ring == NULL)
		return -ENOMEM;
	ring->users = 1;
	err = ring_open(&ring->ring, place->path, error, error_bytes);
	if (err < 0)
		free(ring);
	else
		place->ring = ring;
	return err;
}

// What was read last is given back as soon as the file is another one: a name would be looked for
// in the wrong place.
static int look(struct place *place, char *error, size_t error_bytes) {
	struct stat file = {0};
	bool is_there = stat(place->path, &file) == 0;

	if (place->ring != NULL && is_there && is_same(&file, &place->file))
		return 0;
	shelf_give_back(place->ring);
	place->ring = NULL;
	place->file = file;
	return read_ring(place, error, error_bytes);
}

int shelf_take(
	struct shelf *shelf,
	const char *path,
	int64_t now_ms,
	struct shelf_ring **out,
	char *error,
	size_t error_bytes
) {
	struct place *place = find(shelf, path);
	int err = 0;

	if (place == NULL)
		return -ENOMEM;
	if (place->ring == NULL || now_ms - place->looked_ms >= LOOK_AGAIN_MS) {
		err = look(place, error, error_bytes);
		place->looked_ms = now_ms;
	}
	if (err == 0)
		*out = shelf_again(place->ring);
	return err;
}

struct shelf_ring *shelf_again(struct shelf_ring *ring) {
	ring->users++;
	return ring;
}

void shelf_give_back(struct shelf_ring *ring) {
	if (ring == NULL || --ring->users > 0)
		return;
	ring_free(ring->ring);
	free(ring);
}

const struct ring *shelf_ring_of(const struct shelf_ring *ring) {
	return ring->ring;
}

void shelf_note(struct shelf_ring *ring, bool is_found) {
	ring->found += is_found;
	ring->missed += !is_found;
}

bool shelf_is_proved(const struct shelf_ring *ring) {
	return ring->found >= FOUND_LEAST && ring->missed * FOUND_LEAST <= ring->found;
}
