// SPDX-License-Identifier: MPL-2.0
// probe: do the servers that a ring names have the objects of a listing? A ring that is out of date
// names others: each DELETE would be a 404 that takes its object out of the listing, and the object
// would stay for ever. Some objects of a page are looked for before it goes. Pure. Thread: loop.
//
// Source: obj/server.py of Swift 2.38.3: a 404 of an object that was there, or is past its time,
// tells the time of that.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum probe_answer {
	PROBE_KNOWN, // it is there, or was
	PROBE_UNKNOWN,
	PROBE_SILENT, // it says nothing of it
};

struct probe { // begun by probe_begin
	size_t objects; // of the page
	// How many of them are looked for, and which now.
	size_t samples, sample;
	size_t server; // that is asked for it
	bool is_unknown; // to one of its servers
	size_t known, unknown; // samples
};

void probe_begin(struct probe *probe, size_t objects);
// The object that is looked for now. False: it is over.
bool probe_at(const struct probe *probe, size_t *object);
// What its server said of it, which is one of so many.
void probe_take(struct probe *probe, enum probe_answer answer, size_t servers);
// When it is over: most of what was looked for is there, as far as it could be told.
bool probe_is_good(const struct probe *probe);
