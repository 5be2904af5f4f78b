// SPDX-License-Identifier: MPL-2.0
// ring_dump RING [PREFIX SUFFIX]: prints the devices of a ring, and of each partition its nodes.
// With two affixes: of each line of names, in hexadecimal, its partition and the container's
// remainder for 1 to 5 nodes.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/targets/swift/ring/name_hash.h"
#include "common/targets/swift/ring/ring.h"
#include "common/targets/swift/ring/ring_open.h"
#include "common/text/hex.h"

enum { NAME_BYTES = 1024, WORD_BYTES = 2 * NAME_BYTES + 1, NODES = 5 };

static void print_devices(const struct ring *ring) {
	for (size_t i = 0; i < ring_device_count(ring); i++) {
		const struct ring_device *device = ring_device_at(ring, i);

		if (device == NULL)
			puts("hole");
		else
			printf("device %lld %s %d %s %d %s\n",
			       (long long)device->id,
			       device->ip,
			       device->port,
			       device->replication_ip,
			       device->replication_port,
			       device->device);
	}
}

static void print_partitions(const struct ring *ring) {
	const struct ring_device *nodes[RING_REPLICAS_MAX];

	for (uint64_t part = 0; part < ring_partitions(ring); part++) {
		size_t count = ring_nodes(ring, (uint32_t)part, nodes, RING_REPLICAS_MAX);

		printf("partition");
		for (size_t i = 0; i < count; i++)
			printf(" %lld", (long long)nodes[i]->id);
		puts("");
	}
}

// "-": no name.
static struct name_part read_part(char bytes[NAME_BYTES], const char *word) {
	size_t len = 0;

	for (; word[0] != '-' && word[2 * len] != '\0'; len++)
		bytes[len] = (char)(hex_value(word[2 * len]) << 4 | hex_value(word[2 * len + 1]));
	return (struct name_part){bytes, len};
}

static int print_place(
	const struct ring *ring, const struct name_hash_affixes *affixes, char words[3][WORD_BYTES]
) {
	char bytes[3][NAME_BYTES];
	const struct name_path path = {
		read_part(bytes[0], words[0]),
		read_part(bytes[1], words[1]),
		read_part(bytes[2], words[2])};
	unsigned char hash[NAME_HASH_BYTES];

	if (name_hash(affixes, &path, hash) < 0)
		return 1;
	printf("place %u", (unsigned)ring_partition(ring, hash));
	for (uint32_t nodes = 1; nodes <= NODES; nodes++) {
		uint32_t shard;

		if (name_shard(&shard, path.container, nodes) < 0)
			return 1;
		printf(" %u", (unsigned)shard);
	}
	puts("");
	return 0;
}

static int print_places(const struct ring *ring, const char *prefix, const char *suffix) {
	const struct name_hash_affixes affixes = {
		{prefix, strlen(prefix)}, {suffix, strlen(suffix)}};
	char words[3][WORD_BYTES];

	while (scanf("%2048s %2048s %2048s", words[0], words[1], words[2]) == 3) {
		if (print_place(ring, &affixes, words) != 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv) {
	struct ring *ring = NULL;
	char error[512] = "usage: ring_dump RING [PREFIX SUFFIX]";
	int status = 0;

	if ((argc != 2 && argc != 4) || ring_open(&ring, argv[1], error, sizeof(error)) < 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	print_devices(ring);
	print_partitions(ring);
	if (argc == 4)
		status = print_places(ring, argv[2], argv[3]);
	ring_free(ring);
	return status;
}
