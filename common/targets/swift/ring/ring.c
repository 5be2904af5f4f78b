// SPDX-License-Identifier: MPL-2.0
// ring: which devices hold a name.
#include "common/targets/swift/ring/ring.h"

#include "common/base/words.h"
#include "common/targets/swift/ring/ring_json.h"
#include "common/targets/swift/ring/ring_layout.h"
#include "common/targets/swift/ring/ring_rows.h"
#include "common/targets/swift/ring/ring_span.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Of a hash the first 32 bits tell the partition.
enum { PART_SHIFT_MAX = 32, PART_BYTES = 4, ID_V1_BYTES = 2, WORDS_BYTES = 256 };

static const char remedy[] = "; copy the ring again from where it was made, or write it anew with "
			     "swift-ring-builder";

struct ring {
	int part_shift;
	int next_part_power; // 0: none
	struct ring_devices devices;
	struct ring_rows rows;
};

static bool is_little_here(void) {
	const uint16_t one = 1;
	unsigned char first;

	memcpy(&first, &one, sizeof(first));
	return first == 1;
}

static int read_part_shift(
	struct ring_shape *out, const json_t *metadata, const struct words *words
) {
	const json_t *value = json_object_get(metadata, "part_shift");
	json_int_t shift = json_integer_value(value);

	if (!json_is_integer(value) || shift < 0 || shift > PART_SHIFT_MAX)
		return words_say(words, -EINVAL, "its part_shift is no number from 0 to 32");
	out->part_shift = (int)shift;
	return 0;
}

// Format 1 counts rows, format 2 has the part of the last row too.
static int read_replicas(
	struct ring_shape *out, const json_t *metadata, int format, const struct words *words
) {
	const json_t *value = json_object_get(metadata, "replica_count");
	double replicas = json_number_value(value);

	if (!(replicas >= 1 && replicas <= RING_REPLICAS_MAX) ||
	    (format == 1 && !json_is_integer(value)))
		return words_say(
			words,
			-EINVAL,
			"its replica_count is no number from 1 to %d",
			RING_REPLICAS_MAX
		);
	out->rows = (int)ceil(replicas);
	out->replicas = format == 1 ? 0 : replicas;
	return 0;
}

static int read_order(struct ring_shape *out, const json_t *metadata, const struct words *words) {
	const json_t *value = json_object_get(metadata, "byteorder");
	const char *order = json_string_value(value);

	out->id_bytes = ID_V1_BYTES;
	out->is_little = is_little_here();
	if (value == NULL)
		return 0;
	out->is_little = order != NULL && strcmp(order, "little") == 0;
	if (!out->is_little && (order == NULL || strcmp(order, "big") != 0))
		return words_say(words, -EINVAL, "its byteorder is neither little nor big");
	return 0;
}

static int read_width(struct ring_shape *out, const json_t *metadata, const struct words *words) {
	json_int_t width = json_integer_value(json_object_get(metadata, "dev_id_bytes"));

	if (width != sizeof(uint16_t) && width != sizeof(uint32_t))
		return words_say(words, -EINVAL, "its dev_id_bytes are neither 2 nor 4");
	out->id_bytes = (int)width;
	return 0;
}

static int read_shape(
	struct ring_shape *out, const json_t *metadata, int format, const struct words *words
) {
	int err = read_part_shift(out, metadata, words);

	if (err == 0)
		err = read_replicas(out, metadata, format, words);
	if (err == 0)
		err = format == 1 ? read_order(out, metadata, words)
				  : read_width(out, metadata, words);
	return err;
}

// Both formats have it only while the number of partitions grows.
static int read_next_part_power(
	struct ring *ring, const json_t *metadata, const struct words *words
) {
	const json_t *value = json_object_get(metadata, "next_part_power");
	json_int_t power = json_integer_value(value);

	if (value == NULL || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || power < 1 || power > PART_SHIFT_MAX)
		return words_say(words, -EINVAL, "its next_part_power is no number from 1 to 32");
	ring->next_part_power = (int)power;
	return 0;
}

// Each device that a partition is assigned to is there.
static int check_ids(const struct ring *ring, const struct words *words) {
	for (int row = 0; row < ring->rows.rows; row++) {
		for (uint64_t partition = 0; partition < ring->rows.partitions; partition++) {
			uint32_t id = ring_rows_id(&ring->rows, row, partition);

			if (id != RING_ROWS_NONE && ring_devices_at(&ring->devices, id) == NULL)
				return words_say(
					words,
					-EINVAL,
					"partition %" PRIu64 " is of device %" PRIu32
					", and there is none",
					partition,
					id
				);
		}
	}
	return 0;
}

static int read_parts(
	struct ring *ring,
	const struct ring_layout *layout,
	json_t *metadata,
	const struct words *words
) {
	struct ring_shape shape = {.part_shift = 0};
	json_t *separate = NULL;
	int err = read_shape(&shape, metadata, layout->format, words);

	ring->part_shift = shape.part_shift;
	if (err == 0)
		err = read_next_part_power(ring, metadata, words);
	if (err == 0 && layout->format != 1)
		err = ring_json_load(&separate, layout->sections.devices, "list of devices", words);
	if (err == 0)
		err = ring_devices_read(
			&ring->devices,
			layout->format == 1 ? json_object_get(metadata, "devs") : separate,
			words
		);
	json_decref(separate);
	if (err == 0)
		err = ring_rows_read(&ring->rows, &shape, layout->sections.assignments, words);
	return err == 0 ? check_ids(ring, words) : err;
}

static int parse(struct ring *ring, struct ring_span inflated, const struct words *words) {
	struct ring_layout layout;
	json_t *metadata = NULL;
	int err = ring_layout_find(&layout, inflated, words);

	if (err == 0)
		err = ring_json_load(&metadata, layout.sections.metadata, "metadata", words);
	if (err == 0)
		err = read_parts(ring, &layout, metadata, words);
	json_decref(metadata);
	return err;
}

int ring_parse(
	struct ring **out,
	const unsigned char *inflated,
	size_t bytes,
	char *error,
	size_t error_bytes
) {
	char text[WORDS_BYTES] = "out of memory";
	const struct words inner = {text, sizeof(text)};
	struct ring *ring = calloc(1, sizeof(*ring));
	int err = -ENOMEM;

	*out = NULL;
	if (ring != NULL)
		err = parse(ring, (struct ring_span){inflated, bytes}, &inner);
	if (err < 0) {
		ring_free(ring);
		return words_say(
			&(struct words){error, error_bytes},
			err,
			"%s%s",
			text,
			err == -EINVAL ? remedy : ""
		);
	}
	*out = ring;
	return 0;
}

void ring_free(struct ring *ring) {
	if (ring == NULL)
		return;
	ring_devices_fini(&ring->devices);
	ring_rows_fini(&ring->rows);
	free(ring);
}

uint64_t ring_partitions(const struct ring *ring) {
	return ring->rows.partitions;
}

int ring_next_part_power(const struct ring *ring) {
	return ring->next_part_power;
}

uint32_t ring_partition(const struct ring *ring, const unsigned char hash[RING_HASH_BYTES]) {
	// Of 64 bits, as it can be shifted by 32.
	return (uint32_t)(ring_span_number(hash, PART_BYTES) >> ring->part_shift);
}

// Does an earlier row have the device too?
static bool is_listed(const struct ring *ring, int row, uint32_t partition, uint32_t id) {
	for (int earlier = 0; earlier < row; earlier++) {
		if (ring_rows_id(&ring->rows, earlier, partition) == id)
			return true;
	}
	return false;
}

size_t ring_nodes(
	const struct ring *ring, uint32_t partition, const struct ring_device **out, size_t room
) {
	size_t count = 0;

	if (partition >= ring->rows.partitions)
		return 0;
	for (int row = 0; row < ring->rows.rows; row++) {
		uint32_t id = ring_rows_id(&ring->rows, row, partition);

		if (id == RING_ROWS_NONE || is_listed(ring, row, partition, id))
			continue;
		if (count < room)
			out[count] = ring_devices_at(&ring->devices, id);
		count++;
	}
	return count;
}

size_t ring_device_count(const struct ring *ring) {
	return ring->devices.count;
}

const struct ring_device *ring_device_at(const struct ring *ring, size_t index) {
	return ring_devices_at(&ring->devices, index);
}
