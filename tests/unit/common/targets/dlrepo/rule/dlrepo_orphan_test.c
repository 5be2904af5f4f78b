// SPDX-License-Identifier: MPL-2.0
// dlrepo_orphan_test: which files nothing needs any more, and which are damaged.
#include "support/test.h"

#include "common/targets/dlrepo/rule/orphan.h"

#include <stdio.h>
#include <string.h>

enum { LIFETIME_MS = 600000, NOW_S = 1800000000 };

static const struct timespec now = {.tv_sec = NOW_S, .tv_nsec = 500};

static struct stat file_of(int64_t mtime_s, long mtime_ns) {
	return (struct stat){
		.st_mode = S_IFREG | 0644,
		.st_nlink = 1,
		.st_mtim = {.tv_sec = (time_t)mtime_s, .tv_nsec = mtime_ns},
	};
}

static bool is_due(const struct stat *file) {
	return orphan_is_due(file, &now, LIFETIME_MS);
}

static void is_due_from_its_lifetime_on(void **state) {
	static const struct {
		int64_t mtime_s;
		long mtime_ns;
		bool is_due;
	} rows[] = {
		{NOW_S - 599, 500, false},
		{NOW_S - 600, 501, false},
		{NOW_S - 600, 500, true},
		{NOW_S - 600, 0, true},
		{NOW_S - 601, 500, true},
		{NOW_S - 601, 999999999, true},
		{0, 0, true},
		{-1, 0, true},
		{NOW_S, 500, false},
		{NOW_S + 1, 0, false},
		{NOW_S + 100000, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stat file = file_of(rows[i].mtime_s, rows[i].mtime_ns);

		if (is_due(&file) != rows[i].is_due)
			fail_msg("row %zu", i);
	}
}

static void a_lifetime_of_zero_takes_all_but_the_future(void **state) {
	struct stat file = file_of(NOW_S, 500);

	(void)state;
	assert_true(orphan_is_due(&file, &now, 0));
	file.st_mtim.tv_nsec = 501;
	assert_false(orphan_is_due(&file, &now, 0));
}

static void one_with_a_second_link_is_none(void **state) {
	struct stat file = file_of(0, 0);

	(void)state;
	file.st_nlink = 2;
	assert_false(is_due(&file));
	file.st_nlink = 0; // somebody has it open
	assert_false(is_due(&file));
}

static void only_a_regular_file_is_one(void **state) {
	static const mode_t kinds[] = {S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct stat file = file_of(0, 0);

		file.st_mode = kinds[i] | 0644;
		assert_false(is_due(&file));
	}
}

static void names_that_nfs_makes_are_known(void **state) {
	(void)state;
	assert_true(orphan_is_silly(".nfs0001"));
	assert_true(orphan_is_silly(".nfs000000000a1b2c3d00000001"));
	assert_false(orphan_is_silly(".nf"));
	assert_false(orphan_is_silly("nfs0001"));
	assert_false(orphan_is_silly("x.nfs0001"));
	assert_false(orphan_is_silly(""));
}

#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define BLAKE2B                                                                                    \
	"786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"                         \
	"d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce"

// The digests of nothing.
static const struct {
	const char *dir;
	const char *name;
} digests[] = {
	{"md5/d4", "d41d8cd98f00b204e9800998ecf8427e"},
	{"sha1/da", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{"sha256/e3", SHA256},
	{"sha3_256/a7", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
	{"blake2s/69", "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"},
	{"blake2b/78", BLAKE2B},
};

static void an_empty_file_is_damaged_unless_its_name_is_the_digest_of_nothing(void **state) {
	const struct stat empty = file_of(0, 0);
	struct stat full = file_of(0, 0);

	(void)state;
	full.st_size = 1;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		char other[200];

		assert_false(orphan_is_damaged(digests[i].dir, digests[i].name, &empty));
		snprintf(other, sizeof(other), "%s", digests[i].name);
		other[strlen(other) - 1] = '3'; // none ends so
		if (!orphan_is_damaged(digests[i].dir, other, &empty))
			fail_msg("%s/%s is not damaged", digests[i].dir, other);
		assert_false(orphan_is_damaged(digests[i].dir, other, &full));
	}
}

static void what_is_no_digest_is_not_judged(void **state) {
	static const char
		other[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b854";
	static const struct {
		const char *dir;
		const char *name;
	} rows[] = {
		{"sha256/e4", other}, // another shard
		{"sha256/e", other},
		{"sha256/e3b", other},
		{"sha256/e3/b0", other},
		{"sha256", other},
		{"", other},
		{"/e3", other},
		{"sha512/e3", other}, // of another length
		{"crc32/e3", other},
		{"an_algorithm_whose_name_is_longer_than_any/e3", other},
		{"sha256/e3", "e3"},
		{"sha256/e3", ""},
		{"sha256/E3", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B854"},
		{"sha256/e3", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8.."},
		{"sha256/e3", SHA256 "0"},
	};
	const struct stat empty = file_of(0, 0);
	struct stat directory = file_of(0, 0);

	(void)state;
	assert_true(orphan_is_damaged("sha256/e3", other, &empty));
	directory.st_mode = S_IFDIR | 0755;
	assert_false(orphan_is_damaged("sha256/e3", other, &directory));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (orphan_is_damaged(rows[i].dir, rows[i].name, &empty))
			fail_msg("row %zu", i);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_due_from_its_lifetime_on),
		cmocka_unit_test(a_lifetime_of_zero_takes_all_but_the_future),
		cmocka_unit_test(one_with_a_second_link_is_none),
		cmocka_unit_test(only_a_regular_file_is_one),
		cmocka_unit_test(names_that_nfs_makes_are_known),
		cmocka_unit_test(an_empty_file_is_damaged_unless_its_name_is_the_digest_of_nothing),
		cmocka_unit_test(what_is_no_digest_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
