// SPDX-License-Identifier: MPL-2.0
// dlrepo_second_look_test: what becomes of a file whose place was held, by what is found then.
#include "support/test.h"

#include "common/targets/dlrepo/rule/second_look.h"

enum { FILE_INODE = 11, HOLDER_INODE = 22, OTHER_INODE = 33 };

static const struct first_look first = {
	.file = FILE_INODE,
	.file_changed = {.tv_sec = 1000, .tv_nsec = 5},
	.holder = HOLDER_INODE,
	.holder_changed = {.tv_sec = 9000, .tv_nsec = 7},
};

static struct stat the_file(void) {
	return (struct stat){
		.st_mode = S_IFREG,
		.st_ino = FILE_INODE,
		.st_nlink = 1,
		.st_mtim = first.file_changed,
		.st_ctim = {.tv_sec = 9000, .tv_nsec = 8},
	};
}

static struct stat the_holder(void) {
	return (struct stat){
		.st_mode = S_IFDIR,
		.st_ino = HOLDER_INODE,
		.st_nlink = 2,
		.st_mtim = first.holder_changed,
	};
}

static void a_file_goes_when_nobody_came(void **state) {
	const struct stat file = the_file(), place = the_holder();

	(void)state;
	assert_int_equal(second_look(&first, &file, &place), LOOK_REMOVE);
}

static void a_file_that_is_in_use_goes_back(void **state) {
	const struct stat place = the_holder();
	struct stat file = the_file();

	(void)state;
	file.st_nlink = 2;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK);
	file = the_file();
	file.st_mtim.tv_nsec++;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK);
	file = the_file();
	file.st_mtim.tv_sec--;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK);
	file = the_file();
	file.st_ino = OTHER_INODE;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK);
	file = the_file();
	file.st_mode = S_IFLNK;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK);
}

static void who_touched_the_directory_meant_the_file(void **state) {
	struct stat file = the_file(), place = the_holder();

	(void)state;
	place.st_mtim.tv_nsec++;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK_AS_NEW);
	place = the_holder();
	place.st_mtim.tv_sec--;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK_AS_NEW);
	place = the_holder();
	place.st_ino = OTHER_INODE;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK_AS_NEW);
	file.st_nlink = 2;
	assert_int_equal(second_look(&first, &file, &place), LOOK_PUT_BACK_AS_NEW);
}

static void what_took_the_place_stays(void **state) {
	static const mode_t kinds[] = {S_IFREG, S_IFLNK, S_IFIFO};
	const struct stat file = the_file();
	struct stat place = the_holder();

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		place.st_mode = kinds[i];
		assert_int_equal(second_look(&first, &file, &place), LOOK_REFUSE);
		assert_int_equal(second_look_after_crash(&file, &place), LOOK_REFUSE);
	}
}

static void a_touch_is_told_from_the_exchange_by_the_time_of_access(void **state) {
	struct stat place = {.st_mtim = {.tv_sec = 9000}, .st_atim = {.tv_sec = HOLDER_TIME_S}};

	(void)state;
	assert_true(second_look_is_fresh(&place));
	place.st_atim.tv_nsec = 1;
	assert_false(second_look_is_fresh(&place));
	place.st_atim = place.st_mtim;
	assert_false(second_look_is_fresh(&place));
}

static void after_a_crash_a_file_goes_back_in_any_case(void **state) {
	const struct stat file = the_file();
	struct stat place = the_holder();

	(void)state;
	assert_int_equal(second_look_after_crash(&file, &place), LOOK_PUT_BACK);
	place.st_mtim = file.st_ctim;
	assert_int_equal(second_look_after_crash(&file, &place), LOOK_PUT_BACK);
	place.st_mtim.tv_nsec++;
	assert_int_equal(second_look_after_crash(&file, &place), LOOK_PUT_BACK_AS_NEW);
	place.st_mtim = (struct timespec){.tv_sec = 9001};
	assert_int_equal(second_look_after_crash(&file, &place), LOOK_PUT_BACK_AS_NEW);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_goes_when_nobody_came),
		cmocka_unit_test(a_file_that_is_in_use_goes_back),
		cmocka_unit_test(who_touched_the_directory_meant_the_file),
		cmocka_unit_test(what_took_the_place_stays),
		cmocka_unit_test(a_touch_is_told_from_the_exchange_by_the_time_of_access),
		cmocka_unit_test(after_a_crash_a_file_goes_back_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
