// SPDX-License-Identifier: MPL-2.0
// swift_shelf_test: ring files that become other ones while their rings are in use.
#include "support/test.h"

#include "common/targets/swift/cluster/shelf.h"
#include "support/gzip_file.h"
#include "support/ring_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOKS_AGAIN_MS = 5000 };

// One partition, which is of the device with this id: 0 or 2.
static void put_ring(struct gzip_file *file, unsigned char id) {
	const unsigned char ids[] = {id, 0};
	struct buf bytes;

	ring_text_v1(
		&bytes,
		&(struct ring_text){
			.metadata = "{\"devs\": " RING_DEVICES
				    ", \"part_shift\": 32, \"replica_count\": 1, "
				    "\"byteorder\": \"little\"}",
			.assignments = ids,
			.assignment_bytes = sizeof(ids),
		}
	);
	gzip_file_put(file, bytes.data, bytes.len);
	buf_fini(&bytes);
}

static int64_t device_of(const struct shelf_ring *ring) {
	const struct ring_device *node = NULL;

	assert_int_equal(ring_nodes(shelf_ring_of(ring), 0, &node, 1), 1);
	return node->id;
}

static struct shelf_ring *take(struct shelf *shelf, const struct gzip_file *file, int64_t now_ms) {
	struct shelf_ring *ring = NULL;
	char error[256] = "";

	assert_int_equal(shelf_take(shelf, file->path, now_ms, &ring, error, sizeof(error)), 0);
	assert_string_equal(error, "");
	return ring;
}

static void assert_fails(
	struct shelf *shelf,
	const struct gzip_file *file,
	int64_t now_ms,
	int wanted,
	const char *why
) {
	struct shelf_ring *ring = NULL;
	char error[256] = "";

	assert_int_equal(
		shelf_take(shelf, file->path, now_ms, &ring, error, sizeof(error)), wanted
	);
	assert_null(ring);
	if (strstr(error, why) == NULL || strstr(error, file->path) == NULL)
		fail_msg("'%s' does not say '%s'", error, why);
}

static void a_file_that_did_not_change_is_read_once(void **state) {
	struct gzip_file *file = *state;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *one, *other;

	put_ring(file, 2);
	one = take(shelf, file, 0);
	other = take(shelf, file, INT64_C(10) * LOOKS_AGAIN_MS);
	assert_ptr_equal(one, other);
	assert_int_equal(device_of(one), 2);
	shelf_give_back(one);
	shelf_give_back(other);
	shelf_free(shelf);
}

static void a_file_that_changed_is_read_after_a_while(void **state) {
	struct gzip_file *file = *state;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *ring;

	put_ring(file, 0);
	shelf_give_back(take(shelf, file, 1000));
	put_ring(file, 2);
	ring = take(shelf, file, 1000 + LOOKS_AGAIN_MS - 1);
	assert_int_equal(device_of(ring), 0);
	shelf_give_back(ring);
	ring = take(shelf, file, 1000 + LOOKS_AGAIN_MS);
	assert_int_equal(device_of(ring), 2);
	shelf_give_back(ring);
	shelf_free(shelf);
}

// Of the same size, and with the same inode.
static void another_time_alone_is_a_change(void **state) {
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1, .tv_nsec = 1}};
	struct gzip_file *file = *state;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *one, *other;

	put_ring(file, 0);
	one = take(shelf, file, 0);
	assert_int_equal(utimensat(AT_FDCWD, file->path, times, 0), 0);
	other = take(shelf, file, LOOKS_AGAIN_MS);
	assert_ptr_not_equal(one, other);
	shelf_give_back(one);
	shelf_give_back(other);
	shelf_free(shelf);
}

static void a_ring_that_somebody_has_lives_on(void **state) {
	struct gzip_file *file = *state;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *old, *again, *new;

	put_ring(file, 0);
	old = take(shelf, file, 0);
	again = shelf_again(old);
	assert_ptr_equal(again, old);
	put_ring(file, 2);
	new = take(shelf, file, LOOKS_AGAIN_MS);
	assert_int_equal(device_of(old), 0);
	assert_int_equal(device_of(new), 2);
	shelf_give_back(old);
	assert_int_equal(device_of(again), 0);
	shelf_give_back(again);
	shelf_give_back(new);
	shelf_give_back(NULL);
	shelf_free(shelf);
	shelf_free(NULL);
}

static void a_file_that_became_unreadable_is_an_error(void **state) {
	struct gzip_file *file = *state;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *held, *ring;

	put_ring(file, 0);
	held = take(shelf, file, 0);
	gzip_file_write(file, file->packed, file->packed_bytes - 1);
	assert_fails(shelf, file, LOOKS_AGAIN_MS, -EINVAL, "cut short");
	// Nor is the one of before handed out in the meantime.
	assert_fails(shelf, file, LOOKS_AGAIN_MS + 1, -EINVAL, "cut short");
	put_ring(file, 1);
	assert_fails(shelf, file, LOOKS_AGAIN_MS + 2, -EINVAL, "of device 1, and there is none");
	assert_int_equal(device_of(held), 0);
	shelf_give_back(held);
	// A good one is taken at once.
	put_ring(file, 2);
	ring = take(shelf, file, LOOKS_AGAIN_MS + 3);
	assert_int_equal(device_of(ring), 2);
	shelf_give_back(ring);
	shelf_free(shelf);
}

static void a_file_that_is_gone_is_an_error(void **state) {
	struct gzip_file *file = *state;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *ring;

	assert_fails(shelf, file, 0, -ENOENT, "No such file");
	put_ring(file, 0);
	shelf_give_back(take(shelf, file, 1));
	assert_int_equal(unlink(file->path), 0);
	ring = take(shelf, file, LOOKS_AGAIN_MS);
	shelf_give_back(ring);
	assert_fails(shelf, file, LOOKS_AGAIN_MS + 1, -ENOENT, "No such file");
	put_ring(file, 2);
	ring = take(shelf, file, LOOKS_AGAIN_MS + 2);
	assert_int_equal(device_of(ring), 2);
	shelf_give_back(ring);
	shelf_free(shelf);
}

static void each_file_has_its_own_ring(void **state) {
	struct gzip_file *file = *state;
	struct gzip_file other = *file;
	struct shelf *shelf = shelf_new();
	struct shelf_ring *one, *two;

	put_ring(file, 0);
	assert_true((size_t)snprintf(other.path, sizeof(other.path), "%s/b", other.dir) > 0);
	assert_fails(shelf, &other, 0, -ENOENT, "No such file");
	assert_int_equal(rename(file->path, other.path), 0);
	put_ring(file, 2);
	one = take(shelf, file, 0);
	two = take(shelf, &other, 0);
	assert_int_equal(device_of(one), 2);
	assert_int_equal(device_of(two), 0);
	shelf_give_back(one);
	shelf_give_back(two);
	shelf_free(shelf);
	assert_int_equal(unlink(other.path), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		WITH_A_GZIP_FILE(a_file_that_did_not_change_is_read_once),
		WITH_A_GZIP_FILE(a_file_that_changed_is_read_after_a_while),
		WITH_A_GZIP_FILE(another_time_alone_is_a_change),
		WITH_A_GZIP_FILE(a_ring_that_somebody_has_lives_on),
		WITH_A_GZIP_FILE(a_file_that_became_unreadable_is_an_error),
		WITH_A_GZIP_FILE(a_file_that_is_gone_is_an_error),
		WITH_A_GZIP_FILE(each_file_has_its_own_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
