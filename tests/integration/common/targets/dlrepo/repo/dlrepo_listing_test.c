// SPDX-License-Identifier: MPL-2.0
// dlrepo_listing_test: the names in a directory, sorted as bytes.
#include "support/test.h"

#include "common/targets/dlrepo/repo/listing.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_listed(
	const struct repository *repository,
	enum listing_want want,
	const char *const *expected,
	size_t count
) {
	struct listing listing = {.names = NULL};

	assert_int_equal(listing_read(&listing, repository->fd, want), 0);
	assert_int_equal(listing.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(listing.names[i], expected[i]);
	listing_free(&listing);
	listing_free(&listing);
	assert_int_equal(fcntl(repository->fd, F_GETFD) >= 0, 1);
}

static void tells_directories_without_those_of_a_dot_or_all_there_is(void **state) {
	static const char *const shown[] = {"B", "a", "a b", "t10", "t2", "\xff"};
	static const char *const directories[] = {
		".deleting", "B", "a", "a b", "t10", "t2", "\xff"};
	static const char *const all[] = {
		".deleting",
		".stamp",
		"B",
		"a",
		"a b",
		"fifo",
		"file",
		"link",
		"t10",
		"t2",
		"\xff"};
	const struct repository *repository = *state;

	for (size_t i = 0; i < 6; i++)
		repository_make_dir(repository, shown[5 - i]);
	repository_make_dir(repository, ".deleting");
	repository_make_file(repository, ".stamp", "");
	repository_make_file(repository, "file", "");
	repository_make_link(repository, "link", "a");
	assert_int_equal(mkfifoat(repository->fd, "fifo", 0600), 0);
	assert_listed(repository, LISTING_SHOWN, shown, 6);
	assert_listed(repository, LISTING_DIRECTORIES, directories, 7);
	assert_listed(repository, LISTING_ALL, all, 11);
	assert_listed(repository, LISTING_ALL, all, 11); // from the beginning
}

static void an_empty_directory_has_none(void **state) {
	assert_listed(*state, LISTING_ALL, NULL, 0);
}

static void thousands_of_names_are_all_there(void **state) {
	const struct repository *repository = *state;
	struct listing listing;
	char name[16];

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		repository_make_dir(repository, name);
	}
	assert_int_equal(listing_read(&listing, repository->fd, LISTING_DIRECTORIES), 0);
	assert_int_equal(listing.count, 3000);
	assert_string_equal(listing.names[0], "t0");
	assert_string_equal(listing.names[2999], "t999");
	listing_free(&listing);
}

static void one_that_cannot_be_read_has_none(void **state) {
	struct repository *repository = *state;
	struct listing listing;
	int fd;

	repository_make_dir(repository, "secret/x");
	repository_make_file(repository, "file", "");
	fd = openat(repository->fd, "file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(listing_read(&listing, fd, LISTING_ALL), -ENOTDIR);
	assert_int_equal(listing.count, 0);
	close(fd);
	repository_drop_rights(repository);
	fd = repository_open(repository, "secret");
	repository_chmod(repository, "secret", 0);
	assert_int_equal(listing_read(&listing, fd, LISTING_ALL), -EACCES);
	assert_int_equal(listing.count, 0);
	listing_free(&listing);
	close(fd);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(tells_directories_without_those_of_a_dot_or_all_there_is),
		IN_A_REPOSITORY(an_empty_directory_has_none),
		IN_A_REPOSITORY(thousands_of_names_are_all_there),
		IN_A_REPOSITORY(one_that_cannot_be_read_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
