// SPDX-License-Identifier: MPL-2.0
// dlrepo_record_test: what the queue carries of a tag and of files, and that nothing hostile in it
// leads out of the repository.
#include "support/test.h"

#include "common/pack/pack.h"
#include "common/page.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/record/record_keys.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/rule/surplus.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const struct record_moment moment = {.wall_ms = 1234, .mono_ms = 56};

// --- what is written is read

static void assert_tag_survives(const char *branch, const struct tag *tag) {
	struct page page;
	struct record record;

	page_init(&page);
	assert_int_equal(record_put_tag(&page, &moment, branch, tag), 0);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.first->seen_ms, moment.wall_ms);
	// A released tag is judged again before its first request.
	assert_int_equal(page.first->checked_mono_ms, tag->is_released ? 0 : moment.mono_ms);
	assert_int_equal(record_read(&record, page.first), 0);
	assert_int_equal(record.kind, RECORD_TAG);
	assert_string_equal(record.tag.branch, branch);
	assert_string_equal(record.tag.tag, tag->name);
	assert_int_equal(record.tag.is_released, tag->is_released);
	assert_int_equal(record.tag.stamp.tv_sec, tag->stamp.tv_sec);
	assert_int_equal(record.tag.stamp.tv_nsec, tag->stamp.tv_nsec);
	record_fini(&record);
	page_fini(&page);
}

static void a_tag_of_any_name_survives_the_queue(void **state) {
	char longest[NAME_MAX + 1];

	(void)state;
	memset(longest, '\xff', NAME_MAX);
	longest[NAME_MAX] = '\0';
	assert_tag_survives("main", &(struct tag){.name = (char[]){"t1"}});
	assert_tag_survives(
		"a b\n\"'",
		&(struct tag){
			.name = (char[]){"\x01\x7f\xff\\"},
			.is_released = true,
			.stamp = {.tv_sec = 1800000000, .tv_nsec = 999999999}}
	);
	assert_tag_survives("b..", &(struct tag){.name = longest, .stamp.tv_sec = -1});
	assert_tag_survives(longest, &(struct tag){.name = (char[]){"t.."}});
}

static void files_of_any_name_survive_the_queue(void **state) {
	static const char *const names[] = {"e3b0", ".trash-q", "\xff\x01 \n", "...", "-rf"};
	char longest[NAME_MAX + 1];
	struct record_writer *writer = record_writer_new();
	struct page page;
	struct record record;

	(void)state;
	page_init(&page);
	memset(longest, 'x', NAME_MAX);
	longest[NAME_MAX] = '\0';
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			record_writer_add(writer, ".blobs/a b/\xff", names[i], 1000 - i), 0
		);
	assert_int_equal(record_writer_add(writer, ".blobs/a b/\xff", longest, 2000), 0);
	assert_int_equal(record_writer_put(writer, &page, &moment), 0);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.first->at, 996); // of the oldest
	assert_int_equal(record_read(&record, page.first), 0);
	assert_int_equal(record.kind, RECORD_FILES);
	assert_string_equal(record.files.dir, ".blobs/a b/\xff");
	assert_int_equal(record.files.count, 6);
	for (int i = 0; i < 5; i++)
		assert_string_equal(record.files.names[i], names[i]);
	assert_string_equal(record.files.names[5], longest);
	record_fini(&record);
	page_fini(&page);
	record_writer_free(writer);
}

static void nothing_collected_is_no_candidate(void **state) {
	struct record_writer *writer = record_writer_new();
	struct page page;

	(void)state;
	page_init(&page);
	assert_false(record_writer_is_full(writer, ".uploads", "x"));
	assert_int_equal(record_writer_put(writer, &page, &moment), 0);
	assert_int_equal(page.count, 0);
	page_fini(&page);
	record_writer_free(writer);
	record_writer_free(NULL);
}

static void files_of_another_directory_are_another_record(void **state) {
	struct record_writer *writer = record_writer_new();

	(void)state;
	assert_int_equal(record_writer_add(writer, ".uploads", "x", 1), 0);
	assert_false(record_writer_is_full(writer, ".uploads", "y"));
	assert_true(record_writer_is_full(writer, ".uploads/sub", "y"));
	record_writer_free(writer); // with something in it
}

// Adds names of so many bytes until it is full; all of them are in the record then.
static size_t fill(const char *name) {
	struct record_writer *writer = record_writer_new();
	struct record record;
	struct page page;
	size_t count = 0;

	page_init(&page);
	for (; !record_writer_is_full(writer, ".uploads", name); count++)
		assert_int_equal(record_writer_add(writer, ".uploads", name, 1), 0);
	assert_int_equal(record_writer_put(writer, &page, &moment), 0);
	assert_int_equal(record_read(&record, page.first), 0);
	assert_int_equal(record.files.count, count);
	record_fini(&record);
	page_fini(&page);
	record_writer_free(writer);
	return count;
}

static void is_full_before_a_record_is_too_large(void **state) {
	char longest[NAME_MAX + 1];

	(void)state;
	memset(longest, 'x', NAME_MAX);
	longest[NAME_MAX] = '\0';
	assert_int_equal(fill("x"), 250);
	assert_int_equal(fill(longest), 96); // 24 KiB
}

// --- what nobody wrote

static int read_pack(struct pack *pack) {
	struct candidate candidate = {.id = (char[]){"x"}};
	const unsigned char *data;
	struct record record;
	int err;

	assert_int_equal(pack_data(pack, &data, &candidate.data_bytes), 0);
	candidate.data = (unsigned char *)data;
	err = record_read(&record, &candidate);
	record_fini(&record);
	record_fini(&record); // a zeroed one is fine
	pack_free(pack);
	return err;
}

struct text {
	const char *bytes;
	size_t len;
};

#define TEXT(text)                                                                                 \
	{ text, sizeof(text) - 1 }

static int read_files(const struct text *dir, const struct text *names) {
	struct pack *pack = pack_new();

	pack_reset(pack, 3);
	pack_str(pack, RECORD_KIND, RECORD_KIND_FILES);
	pack_bin(pack, RECORD_DIR, dir->bytes, dir->len);
	pack_bin(pack, RECORD_NAMES, names->bytes, names->len);
	return read_pack(pack);
}

static int read_tag(const struct text *branch, const struct text *tag) {
	struct pack *pack = pack_new();

	pack_reset(pack, 6);
	pack_str(pack, RECORD_KIND, RECORD_KIND_TAG);
	pack_bin(pack, RECORD_BRANCH, branch->bytes, branch->len);
	pack_bin(pack, RECORD_NAME, tag->bytes, tag->len);
	pack_bool(pack, RECORD_RELEASED, false);
	pack_int(pack, RECORD_STAMP_S, 1);
	pack_int(pack, RECORD_STAMP_NS, 1);
	return read_pack(pack);
}

static const struct text a_name = TEXT("\1a");
static const struct text a_tag = TEXT("t1");

static void files_lie_below_blobs_or_uploads_only(void **state) {
	static const struct text good[] = {
		TEXT(".blobs"),
		TEXT(".uploads"),
		TEXT(".blobs/sha256/e3"),
		TEXT(".uploads/.x/..."),
	};
	static const struct text bad[] = {
		TEXT(""),
		TEXT("."),
		TEXT("/"),
		TEXT("/.blobs"),
		TEXT(".blobs/"),
		TEXT(".blobs/../branches"),
		TEXT(".blobs/sha256/.."),
		TEXT(".uploads/.."),
		TEXT(".uploads/."),
		TEXT(".blobs//e3"),
		TEXT(".blobs/e3/"),
		TEXT(".blobsx"),
		TEXT(".blobsx/e3"),
		TEXT(".blob"),
		TEXT(".BLOBS/e3"),
		TEXT(".blobs\0/e3"),
		TEXT(".blobs/e\0003"),
		TEXT("branches/main"),
		TEXT(".deleting/files"),
		TEXT("../.blobs"),
		TEXT("./.blobs"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(read_files(&good[i], &a_name), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_files(&bad[i], &a_name) != -EBADMSG)
			fail_msg("directory %zu was taken", i);
	}
}

static void a_name_of_a_file_is_one_part_of_a_path(void **state) {
	static const struct text dir = TEXT(".blobs");
	static const struct text good[] = {
		TEXT("\1a"),
		TEXT("\3..."),
		TEXT("\2.a\1b"),
		TEXT("\1\xff\2\n "),
	};
	static const struct text bad[] = {
		TEXT(""),
		TEXT("\0"),
		TEXT("\0\1a"),
		TEXT("\1a\0"),
		TEXT("\2a"),
		TEXT("\1a\1"),
		TEXT("\1a\xff"
		     "b"),
		TEXT("\1a\1b\2c"),
		TEXT("\1."),
		TEXT("\2.."),
		TEXT("\1/"),
		TEXT("\3a/b"),
		TEXT("\5../.."),
		TEXT("\2/a"),
		TEXT("\3a\0b"),
		TEXT("\1\0"),
		TEXT("\1a\2.."),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(read_files(&dir, &good[i]), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_files(&dir, &bad[i]) != -EBADMSG)
			fail_msg("names %zu were taken", i);
	}
}

static void branch_and_tag_are_names_without_a_dot_before(void **state) {
	static const struct text bad[] = {
		TEXT(""),
		TEXT("."),
		TEXT(".."),
		TEXT("/"),
		TEXT("a/b"),
		TEXT("../x"),
		TEXT("/etc"),
		TEXT("x/"),
		TEXT(".deleting"),
		TEXT(".stamp"),
		TEXT("a\0b"),
		TEXT("\0"),
	};
	char long_name[NAME_MAX + 1];
	const struct text too_long = {long_name, sizeof(long_name)};

	(void)state;
	memset(long_name, 'x', sizeof(long_name));
	assert_int_equal(read_tag(&a_tag, &a_tag), 0);
	assert_int_equal(read_tag(&too_long, &a_tag), -EBADMSG);
	assert_int_equal(read_tag(&a_tag, &too_long), -EBADMSG);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_tag(&bad[i], &a_tag) != -EBADMSG || read_tag(&a_tag, &bad[i]) != -EBADMSG)
			fail_msg("name %zu was taken", i);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_of_any_name_survives_the_queue),
		cmocka_unit_test(files_of_any_name_survive_the_queue),
		cmocka_unit_test(nothing_collected_is_no_candidate),
		cmocka_unit_test(files_of_another_directory_are_another_record),
		cmocka_unit_test(is_full_before_a_record_is_too_large),
		cmocka_unit_test(files_lie_below_blobs_or_uploads_only),
		cmocka_unit_test(a_name_of_a_file_is_one_part_of_a_path),
		cmocka_unit_test(branch_and_tag_are_names_without_a_dot_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
