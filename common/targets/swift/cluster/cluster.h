// SPDX-License-Identifier: MPL-2.0
// cluster: the rings of a cluster, and where its names lie. A ring is read again when its file was
// changed; whoever has one keeps it until it is given back. Blocks on files for a moment.
// Thread: the owner's.
#pragma once

#include "common/targets/swift/config/swift_conf.h"
#include "common/targets/swift/ring/name_hash.h"
#include "common/targets/swift/ring/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster; // opaque
struct shelf_ring;

// No thing of ours has more servers.
enum { CLUSTER_DEVICES_MAX = 64, CLUSTER_POLICIES_MAX = SWIFT_POLICIES_MAX };

enum cluster_ring { CLUSTER_ACCOUNT, CLUSTER_CONTAINER, CLUSTER_OBJECT };

// Where something lies. It has its ring.
struct cluster_site {
	struct shelf_ring *ring; // NULL: none
	uint32_t partition;
	const struct ring_device *devices[CLUSTER_DEVICES_MAX];
	size_t count;
};

// Both strings outlive it. NULL: out of memory.
struct cluster *cluster_new(const char *swift_dir, const struct swift_conf *conf);
// NULL is fine; all rings were given back.
void cluster_free(struct cluster *cluster);

// Which storage policies there are: CLUSTER_POLICIES_MAX of them.
const bool *cluster_policies(const struct cluster *cluster);

// Takes the ring of objects of a policy, or of one of the other kinds (policy 0). 0; -ENOENT: no
// such policy, or no file; -EINVAL: it is no ring; all with words in `error`; or as shelf_take.
int cluster_take_ring(
	struct cluster *cluster,
	enum cluster_ring kind,
	int64_t policy,
	struct shelf_ring **out,
	char *error,
	size_t error_bytes
);

// The hash of a name in this cluster. As name_hash.
int cluster_hash(
	const struct cluster *cluster,
	const struct name_path *path,
	unsigned char out[NAME_HASH_BYTES]
);

// Where a name lies by that ring, which the site has from now on, also after an error. 0; -ENODEV:
// nowhere; -E2BIG: on more devices than we know of; -ENOMEM; -EIO.
int cluster_locate(
	const struct cluster *cluster,
	struct shelf_ring *ring,
	const struct name_path *path,
	struct cluster_site *out
);
// The same number for the same devices in the same order, and most likely another one for others.
uint64_t cluster_site_mark(const struct cluster_site *site);
// Gives the ring back. A zeroed site is fine.
void cluster_leave(struct cluster_site *site);
