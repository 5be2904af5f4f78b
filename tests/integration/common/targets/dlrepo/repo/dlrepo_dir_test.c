// SPDX-License-Identifier: MPL-2.0
// dlrepo_dir_test: directories below a root, without following links or leaving its file system.
#include "support/test.h"

#include "common/targets/dlrepo/repo/dir.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// How openat2 fails; 0: it does not.
static int without_openat2;

WRAPS(syscall);
long __wrap_syscall(long number, ...) {
	long one, two, three, four;
	va_list rest;

	va_start(rest, number);
	one = va_arg(rest, long);
	two = va_arg(rest, long);
	three = va_arg(rest, long);
	four = va_arg(rest, long);
	va_end(rest);
	if (number != SYS_openat2 || without_openat2 == 0)
		return __real_syscall(number, one, two, three, four);
	errno = without_openat2;
	return -1;
}

// Of what is open: the same as at this path?
static void assert_opened(const struct repository *repository, int fd, const char *path) {
	struct stat found, expected = repository_look(repository, path);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(found.st_ino, expected.st_ino);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void opens_what_is_below_the_root(void **state) {
	const struct repository *repository = *state;

	repository_make_dir(repository, "a/b/c d\xff");
	assert_opened(repository, dir_open(repository->fd, ""), ".");
	assert_opened(repository, dir_open(repository->fd, "a"), "a");
	assert_opened(repository, dir_open(repository->fd, "a/b/c d\xff"), "a/b/c d\xff");
	assert_opened(repository, dir_open(repository->fd, "a/b/"), "a/b");
	assert_int_equal(dir_open(repository->fd, "a/x"), -ENOENT);
	assert_int_equal(dir_open(repository->fd, "x/b"), -ENOENT);
}

static void follows_no_link_wherever_it_is_in_the_path(void **state) {
	const struct repository *repository = *state;

	repository_make_dir(repository, "a/b");
	repository_make_link(repository, "link", "a");
	repository_make_link(repository, "a/inner", "b");
	repository_make_link(repository, "out", "/tmp");
	repository_make_link(repository, "nowhere", "nothing");
	assert_int_equal(dir_open(repository->fd, "link"), -ENOTDIR);
	assert_int_equal(dir_open(repository->fd, "link/b"), -ENOTDIR);
	assert_int_equal(dir_open(repository->fd, "a/inner"), -ENOTDIR);
	assert_int_equal(dir_open(repository->fd, "out"), -ENOTDIR);
	assert_int_equal(dir_open(repository->fd, "nowhere"), -ENOTDIR);
	assert_int_equal(dir_make(repository->fd, "link"), -ENOTDIR);
	assert_int_equal(dir_make(repository->fd, "link/x"), -ENOTDIR);
	assert_int_equal(dir_make(repository->fd, "nowhere"), -ENOTDIR);
	assert_false(repository_has(repository, "a/x"));
	assert_false(repository_has(repository, "nothing"));
}

static void a_file_is_no_directory(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, "a/file", "text");
	assert_int_equal(dir_open(repository->fd, "a/file"), -ENOTDIR);
	assert_int_equal(dir_open(repository->fd, "a/file/x"), -ENOTDIR);
	assert_int_equal(dir_make(repository->fd, "a/file/x"), -ENOTDIR);
	repository_assert_text(repository, "a/file", "text");
}

static void makes_what_is_missing(void **state) {
	const struct repository *repository = *state;

	repository_make_dir(repository, "a");
	assert_opened(repository, dir_make(repository->fd, "a/b/c"), "a/b/c");
	assert_opened(repository, dir_make(repository->fd, "a/b/c"), "a/b/c");
	assert_opened(repository, dir_make(repository->fd, ""), ".");
}

static void a_name_that_is_too_long_is_refused(void **state) {
	const struct repository *repository = *state;
	char name[NAME_MAX + 2];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(dir_open(repository->fd, name), -ENAMETOOLONG);
	name[NAME_MAX] = '\0';
	assert_int_equal(dir_open(repository->fd, name), -ENOENT);
}

static void looks_at_a_link_itself(void **state) {
	const struct repository *repository = *state;
	struct stat found;

	repository_make_link(repository, "link", "nothing");
	assert_int_equal(dir_look(repository->fd, "link", &found), 0);
	assert_true(S_ISLNK(found.st_mode));
	assert_int_equal(dir_look(repository->fd, "nothing", &found), -ENOENT);
}

// The kernel's own directory, if it is where it should be.
static void another_file_system_is_not_entered(void **state) {
	const struct repository *repository = *state;
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat of_root, of_proc;

	assert_int_equal(dir_is_on(repository->fd, repository_look(repository, ".").st_dev), 0);
	assert_int_equal(fstat(root, &of_root), 0);
	if (stat("/proc/self", &of_proc) < 0 || of_proc.st_dev == of_root.st_dev) {
		close(root);
		skip();
	}
	assert_int_equal(dir_open(root, "proc"), -EXDEV);
	assert_int_equal(dir_open(root, "proc/self"), -EXDEV);
	assert_int_equal(dir_is_on(root, of_proc.st_dev), -EXDEV);
	close(root);
}

static void says_what_an_operator_would_not_guess(void **state) {
	(void)state;
	assert_non_null(strstr(dir_words(-EXDEV), "another file system"));
	assert_non_null(strstr(dir_words(-ENOTDIR), "symbolic link"));
	assert_string_equal(dir_words(-EACCES), "Permission denied");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(opens_what_is_below_the_root),
		IN_A_REPOSITORY(follows_no_link_wherever_it_is_in_the_path),
		IN_A_REPOSITORY(a_file_is_no_directory),
		IN_A_REPOSITORY(makes_what_is_missing),
		IN_A_REPOSITORY(a_name_that_is_too_long_is_refused),
		IN_A_REPOSITORY(looks_at_a_link_itself),
		IN_A_REPOSITORY(another_file_system_is_not_entered),
		cmocka_unit_test(says_what_an_operator_would_not_guess),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	without_openat2 = ENOSYS;
	failed += cmocka_run_group_tests_name("on an old kernel", tests, NULL, NULL);
	without_openat2 = EPERM;
	return failed + cmocka_run_group_tests_name("in an old container", tests, NULL, NULL);
}
