// SPDX-License-Identifier: MPL-2.0
// dlrepo_proof_test: a file system that cannot do what it takes, or does not tell the truth, is
// refused before anything is touched. What such a one says is stood in for.
#include "support/test.h"

#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/removal/proof.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { NFS = 0x6969, FUSE = 0x65735546 };

static struct {
	int no_exchange; // errno
	int no_link; // the same
	bool copies;
	bool sets_time; // of a directory that is exchanged
	long type; // 0: as it is
} file_system;

WRAPS(renameat2);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
	if (file_system.no_exchange == 0) {
		const struct timespec now[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_NOW}};
		int result = __real_renameat2(from, old, to, new, flags);

		if (file_system.sets_time)
			assert_int_equal(utimensat(to, new, now, AT_SYMLINK_NOFOLLOW), 0);
		return result;
	}
	errno = file_system.no_exchange;
	return -1;
}

WRAPS(linkat);
int __wrap_linkat(int from, const char *old, int to, const char *new, int flags) {
	if (file_system.copies)
		return close(openat(to, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	if (file_system.no_link == 0)
		return __real_linkat(from, old, to, new, flags);
	errno = file_system.no_link;
	return -1;
}

WRAPS(fstatfs);
int __wrap_fstatfs(int fd, struct statfs *out) {
	int result = __real_fstatfs(fd, out);

	if (file_system.type != 0)
		out->f_type = file_system.type;
	return result;
}

static void check(
	const struct repository *repository, struct dlrepo_config *config, const char *words
) {
	char error[1000] = "";
	int err;

	config->root = (char *)"/srv/x";
	config->aside = repository->aside;
	err = proof_make(config, repository->fd, error, sizeof(error));
	memset(&file_system, 0, sizeof(file_system));
	assert_int_equal(err, words == NULL ? 0 : -EPERM);
	if (words != NULL && strstr(error, words) == NULL)
		fail_msg("'%s'", error);
	assert_false(repository_has(repository, ".deleting/test/proof/.one"));
	assert_false(repository_has(repository, ".deleting/test/proof/.other"));
}

static struct dlrepo_config beside_server, alone = {.no_server = true},
					   promised = {.server_here = true};

static void an_ordinary_one_will_do(void **state) {
	check(*state, &beside_server, NULL);
	check(*state, &alone, NULL);
}

static void what_a_run_left_that_was_cut_off_does_not_matter(void **state) {
	repository_make_dir(*state, ".deleting/test/files");
	repository_make_file(*state, ".deleting/test/proof/.one", "");
	check(*state, &beside_server, NULL);
}

static void one_that_gives_directories_a_new_time_is_noted(void **state) {
	const struct repository *repository = *state;

	check(repository, &beside_server, NULL);
	assert_false(aside_exchange_sets_time(repository->aside));
	file_system.sets_time = true;
	check(repository, &beside_server, NULL);
	assert_true(aside_exchange_sets_time(repository->aside));
}

static void one_without_hard_links_is_refused_in_any_case(void **state) {
	file_system.no_link = EPERM;
	check(*state, &beside_server, "'/srv/x' does not count hard links");
	file_system.no_link = ENOTSUP;
	check(*state, &alone, "does not count hard links");
}

static void one_that_says_1_of_every_file_is_refused_in_any_case(void **state) {
	file_system.copies = true;
	check(*state, &beside_server, "does not count hard links");
	file_system.copies = true;
	check(*state, &alone, "does not count hard links");
}

static void one_that_exchanges_no_names_will_do_when_no_server_runs(void **state) {
	file_system.no_exchange = EINVAL;
	check(*state, &beside_server, "stop it and give --no-server");
	file_system.no_exchange = EINVAL;
	check(*state, &alone, NULL);
}

static void one_that_other_hosts_may_use_takes_a_promise(void **state) {
	file_system.type = NFS;
	check(*state, &beside_server, "may be used by other hosts");
	file_system.type = FUSE;
	check(*state, &beside_server, "--server-here");
	file_system.type = FUSE;
	check(*state, &promised, NULL);
	file_system.type = NFS;
	check(*state, &alone, NULL);
}

static void that_is_foreseen_without_a_change(void **state) {
	const struct repository *repository = *state;
	char error[1000] = "";

	file_system.type = NFS;
	assert_int_equal(
		proof_foresee(&beside_server, repository->fd, error, sizeof(error)), -EPERM
	);
	assert_non_null(strstr(error, "may be used by other hosts"));
	assert_int_equal(proof_foresee(&alone, repository->fd, error, sizeof(error)), 0);
	file_system.type = 0;
	assert_int_equal(proof_foresee(&beside_server, repository->fd, error, sizeof(error)), 0);
	assert_false(repository_has(repository, ".deleting"));
}

static void a_root_that_may_not_be_changed_is_told(void **state) {
	struct repository *repository = *state;

	repository_drop_rights(repository);
	repository_chmod(repository, ".", 0500);
	check(repository, &beside_server, "cannot make '/srv/x/.deleting': Permission denied");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(an_ordinary_one_will_do),
		IN_A_REPOSITORY(what_a_run_left_that_was_cut_off_does_not_matter),
		IN_A_REPOSITORY(one_that_gives_directories_a_new_time_is_noted),
		IN_A_REPOSITORY(one_without_hard_links_is_refused_in_any_case),
		IN_A_REPOSITORY(one_that_says_1_of_every_file_is_refused_in_any_case),
		IN_A_REPOSITORY(one_that_exchanges_no_names_will_do_when_no_server_runs),
		IN_A_REPOSITORY(one_that_other_hosts_may_use_takes_a_promise),
		IN_A_REPOSITORY(that_is_foreseen_without_a_change),
		IN_A_REPOSITORY(a_root_that_may_not_be_changed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
