// SPDX-License-Identifier: MPL-2.0
// swift_conf: what swift.conf says that must be the same on all nodes of a cluster. Thread: main.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SWIFT_POLICIES_MAX = 256 };

struct swift_conf { // zeroed
	// Of [swift-hash]: bytes that are hashed with every name; a secret.
	char *prefix; // "": none
	char *suffix;
	// Which indexes have a [storage-policy:N].
	bool has_policy[SWIFT_POLICIES_MAX];
};

// Reads `path` as Swift does: hash of [swift-hash], policies; a file without any has policy 0. What
// Swift would start with and is not understood here is refused. 0; -EINVAL, or -errno of the file,
// with words; -ENOMEM.
int swift_conf_read(struct swift_conf *out, const char *path, char *error, size_t error_bytes);
// Wipes the hash; a zeroed one is fine.
void swift_conf_free(struct swift_conf *conf);
