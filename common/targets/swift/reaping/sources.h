// SPDX-License-Identifier: MPL-2.0
// sources: the listings that together have all objects of a container: its own, those of its
// shards, and its own of other policies. Pure. Thread: loop.
//
// Source: container/backend.py and sharder.py of Swift 2.38.3, and what its servers were seen to
// do.
#pragma once

#include "common/targets/swift/ring/name_hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object_page;

#define SOURCE_LAST SIZE_MAX

struct source {
	// Names of the container that is listed.
	struct name_part account, container;
	// The policy whose objects are listed; -1: that of the container.
	int64_t policy;
	// Which of its servers is asked first; SOURCE_LAST: the last one, as the reaper does.
	size_t server;
	// Another container has these objects of it, and is told of each that goes.
	bool is_shard;
	// Its listing is one of what is being moved to shards: it does not get shorter.
	bool is_retiring;
};

struct sources { // zeroed
	struct source *rows;
	size_t count, room;
	size_t at; // the one that is listed
	struct object_page *shards; // the names of these
};

// The container itself alone, whose names outlive it. 0 or -ENOMEM.
int sources_begin(
	struct sources *sources, const struct name_part *account, const struct name_part *container
);
void sources_fini(struct sources *sources); // a zeroed one is fine

// Puts the shards behind what there is; what names the container itself is none of them. Takes the
// page, also after an error. 0; -EBADMSG: an entry that is no container; -ENOMEM.
int sources_add_shards(struct sources *sources, struct object_page *shards);
// The container itself once more, while it is being sharded. 0 or -ENOMEM.
int sources_add_retiring(struct sources *sources);
// What else its servers may have of it: the container itself at each of those servers (bits of the
// mask), and at the first of them once for each policy that there is but its own. 0 or -ENOMEM.
int sources_add_others(
	struct sources *sources, uint64_t servers, const bool *has_policy, size_t count, int64_t own
);

// What else there may be of each shard, whose DELETE is not ours: at each of so many servers, and
// of each policy that there is. 0 or -ENOMEM.
int sources_add_shard_checks(
	struct sources *sources, size_t servers, const bool *has_policy, size_t count
);

const struct source *sources_at(const struct sources *sources);
void sources_rewind(struct sources *sources); // to the container itself
// Goes on to the next one. False: that was the last.
bool sources_next(struct sources *sources);
