// SPDX-License-Identifier: MPL-2.0
// path_hash: a number that stands for a path.
#include "common/targets/dlrepo/rule/path_hash.h"

static uint64_t add(uint64_t hash, const char *text) {
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

uint64_t path_hash(const char *dir, const char *name) {
	return add(add(add(0xcbf29ce484222325u, dir), "/"), name);
}
