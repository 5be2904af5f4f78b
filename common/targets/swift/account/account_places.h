// SPDX-License-Identifier: MPL-2.0
// account_places: the account databases of a device, one after the other. Thread: scan; blocks.
//
// Source: reap_device of Swift 2.38.3: DEVICE/accounts/PARTITION/SUFFIX/HASH; of a HASH the files
// in reverse order of their names, until one ends with ".ts".
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account_places; // opaque

enum { ACCOUNT_PATH_BYTES = 4096, ACCOUNT_HASH_BYTES = 64 };

struct account_place {
	uint32_t partition;
	char hash[ACCOUNT_HASH_BYTES]; // the directory's name
	char path[ACCOUNT_PATH_BYTES]; // of the database
};

struct account_places_setup {
	const char *device; // a directory
	// Partitions that it does not want are not entered. What is no number is none.
	bool (*wants)(void *ctx, uint32_t partition);
	// A directory that cannot be read, which is passed over.
	void (*trouble)(void *ctx, const char *path, int err);
	void *ctx;
};

// 0; a device without accounts has none; -ENOMEM. The setup is copied, and its device.
int account_places_open(struct account_places **out, const struct account_places_setup *setup);
void account_places_close(struct account_places *places); // NULL is fine

// 1 and *out; 0: there are no more; -EAGAIN: it looked at many directories and found none, so that
// its caller may do something else; -ENOMEM.
int account_places_next(struct account_places *places, struct account_place *out);
