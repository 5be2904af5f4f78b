// SPDX-License-Identifier: MPL-2.0
// ring_rows: which device has which replica of a partition.
#include "common/targets/swift/ring/ring_rows.h"

#include <errno.h>
#include <stdlib.h>

// With so few partitions a hundredth of a replica can be none: the last row is there, and empty.
enum { HASH_BITS = 32, FEW_PARTITIONS = 100 };

// A ring that was cut within its last row looks like one with fewer replicas.
static int check_count(
	const struct ring_shape *shape, const struct ring_rows *rows, const struct words *words
) {
	uint64_t whole = rows->partitions * (uint64_t)(shape->rows - 1);
	uint64_t last = rows->id_count - whole;
	bool may_be_empty = shape->rows > 1 && rows->partitions < FEW_PARTITIONS;

	if (rows->id_count < whole || (last == 0 && !may_be_empty))
		return words_say(words, -EINVAL, "it has fewer rows of assignments than replicas");
	if (last > rows->partitions)
		return words_say(words, -EINVAL, "it has more assignments than replicas");
	if (shape->rows == 1 && last < rows->partitions)
		return words_say(words, -EINVAL, "its only row of assignments is cut short");
	// Swift computes it so, and nothing is rounded: partitions are a power of two.
	if (shape->replicas > 0 &&
	    shape->replicas != (double)(shape->rows - 1) + (double)last / (double)rows->partitions)
		return words_say(
			words,
			-EINVAL,
			"it has other assignments than %g replicas make",
			shape->replicas
		);
	return 0;
}

static void copy_narrow(uint16_t *ids, size_t count, const unsigned char *bytes, bool is_little) {
	for (size_t i = 0; i < count; i++) {
		unsigned first = bytes[2 * i];
		unsigned second = bytes[2 * i + 1];

		ids[i] = (uint16_t)(is_little ? second << 8 | first : first << 8 | second);
	}
}

// Only format 2 has them, with the highest byte first.
static void copy_wide(uint32_t *ids, size_t count, const unsigned char *bytes) {
	for (size_t i = 0; i < count; i++)
		ids[i] = (uint32_t)ring_span_number(bytes + 4 * i, 4);
}

int ring_rows_read(
	struct ring_rows *out,
	const struct ring_shape *shape,
	struct ring_span data,
	const struct words *words
) {
	size_t width = (size_t)shape->id_bytes;
	int err;

	*out = (struct ring_rows){
		.id_count = data.len / width,
		.partitions = (uint64_t)1 << (HASH_BITS - shape->part_shift),
		.rows = shape->rows,
	};
	if (data.len % width != 0)
		return words_say(words, -EINVAL, "it ends within an assignment");
	err = check_count(shape, out, words);
	if (err < 0)
		return err;
	if (width == sizeof(uint16_t))
		out->narrow = malloc(data.len);
	else
		out->wide = malloc(data.len);
	if (out->narrow == NULL && out->wide == NULL)
		return words_say(words, -ENOMEM, "out of memory");
	if (out->narrow != NULL)
		copy_narrow(out->narrow, out->id_count, data.bytes, shape->is_little);
	else
		copy_wide(out->wide, out->id_count, data.bytes);
	return 0;
}

void ring_rows_fini(struct ring_rows *rows) {
	free(rows->narrow);
	free(rows->wide);
	*rows = (struct ring_rows){.narrow = NULL};
}

uint32_t ring_rows_id(const struct ring_rows *rows, int row, uint64_t partition) {
	uint64_t at = rows->partitions * (uint64_t)row + partition;

	if (at >= rows->id_count)
		return RING_ROWS_NONE;
	if (rows->wide != NULL)
		return rows->wide[at];
	return rows->narrow[at] == UINT16_MAX ? RING_ROWS_NONE : rows->narrow[at];
}
