// SPDX-License-Identifier: MPL-2.0
// cluster: the rings of a cluster, and where its names lie.
#include "common/targets/swift/cluster/cluster.h"

#include "common/base/clock.h"
#include "common/targets/swift/cluster/shelf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cluster {
	const char *swift_dir;
	const struct swift_conf *conf;
	struct shelf *shelf;
};

struct cluster *cluster_new(const char *swift_dir, const struct swift_conf *conf) {
	struct cluster *cluster = calloc(1, sizeof(*cluster));

	if (cluster == NULL)
		return NULL;
	cluster->swift_dir = swift_dir;
	cluster->conf = conf;
	cluster->shelf = shelf_new();
	if (cluster->shelf == NULL) {
		free(cluster);
		return NULL;
	}
	return cluster;
}

void cluster_free(struct cluster *cluster) {
	if (cluster == NULL)
		return;
	shelf_free(cluster->shelf);
	free(cluster);
}

const bool *cluster_policies(const struct cluster *cluster) {
	return cluster->conf->has_policy;
}

static char *path_of(const struct cluster *cluster, enum cluster_ring kind, int64_t policy) {
	static const char *const names[] = {
		[CLUSTER_ACCOUNT] = "account",
		[CLUSTER_CONTAINER] = "container",
		[CLUSTER_OBJECT] = "object",
	};
	char number[24] = "";
	char *path = NULL;

	if (policy > 0)
		snprintf(number, sizeof(number), "-%" PRId64, policy);
	if (asprintf(&path, "%s/%s%s.ring.gz", cluster->swift_dir, names[kind], number) < 0)
		return NULL;
	return path;
}

static bool has_policy(const struct cluster *cluster, int64_t policy) {
	return policy >= 0 && policy < SWIFT_POLICIES_MAX && cluster->conf->has_policy[policy];
}

int cluster_take_ring(
	struct cluster *cluster,
	enum cluster_ring kind,
	int64_t policy,
	struct shelf_ring **out,
	char *error,
	size_t error_bytes
) {
	char *path;
	int err;

	if (kind == CLUSTER_OBJECT && !has_policy(cluster, policy)) {
		snprintf(
			error,
			error_bytes,
			"storage policy %" PRId64 " is not in %s/swift.conf",
			policy,
			cluster->swift_dir
		);
		return -ENOENT;
	}
	path = path_of(cluster, kind, policy);
	if (path == NULL)
		return -ENOMEM;
	err = shelf_take(cluster->shelf, path, clock_mono_ms(), out, error, error_bytes);
	free(path);
	return err;
}

int cluster_hash(
	const struct cluster *cluster,
	const struct name_path *path,
	unsigned char out[NAME_HASH_BYTES]
) {
	const char *prefix = cluster->conf->prefix, *suffix = cluster->conf->suffix;
	const struct name_hash_affixes affixes = {
		.prefix = {prefix, strlen(prefix)}, .suffix = {suffix, strlen(suffix)}};

	return name_hash(&affixes, path, out);
}

int cluster_locate(
	const struct cluster *cluster,
	struct shelf_ring *ring,
	const struct name_path *path,
	struct cluster_site *out
) {
	unsigned char hash[NAME_HASH_BYTES];
	int err = cluster_hash(cluster, path, hash);

	*out = (struct cluster_site){.ring = ring};
	if (err < 0)
		return err;
	out->partition = ring_partition(shelf_ring_of(ring), hash);
	out->count = ring_nodes(
		shelf_ring_of(ring), out->partition, out->devices, CLUSTER_DEVICES_MAX
	);
	if (out->count > CLUSTER_DEVICES_MAX)
		return -E2BIG;
	return out->count == 0 ? -ENODEV : 0;
}

uint64_t cluster_site_mark(const struct cluster_site *site) {
	// FNV-1a.
	uint64_t mark = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < site->count; i++)
		mark = (mark ^ (uint64_t)site->devices[i]->id) * UINT64_C(1099511628211);
	return mark;
}

void cluster_leave(struct cluster_site *site) {
	shelf_give_back(site->ring);
	*site = (struct cluster_site){.ring = NULL};
}
