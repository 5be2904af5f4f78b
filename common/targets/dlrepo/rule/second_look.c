// SPDX-License-Identifier: MPL-2.0
// second_look: what becomes of a file whose place a directory holds.
#include "common/targets/dlrepo/rule/second_look.h"

#include <stdbool.h>

struct first_look first_look_of(const struct stat *file, const struct stat *holder) {
	return (struct first_look){
		.file = file->st_ino,
		.file_changed = file->st_mtim,
		.holder = holder->st_ino,
		.holder_changed = holder->st_mtim,
	};
}

static bool is_same_time(const struct timespec *one, const struct timespec *other) {
	return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

static bool is_later(const struct timespec *one, const struct timespec *other) {
	return one->tv_sec > other->tv_sec ||
		(one->tv_sec == other->tv_sec && one->tv_nsec > other->tv_nsec);
}

static bool is_still_orphan(const struct first_look *first, const struct stat *file) {
	return S_ISREG(file->st_mode) && file->st_ino == first->file && file->st_nlink == 1 &&
		is_same_time(&file->st_mtim, &first->file_changed);
}

static bool is_untouched(const struct first_look *first, const struct stat *place) {
	return place->st_ino == first->holder &&
		is_same_time(&place->st_mtim, &first->holder_changed);
}

enum second_look second_look(
	const struct first_look *first, const struct stat *file, const struct stat *place
) {
	if (!S_ISDIR(place->st_mode))
		return LOOK_REFUSE;
	if (!is_untouched(first, place))
		return LOOK_PUT_BACK_AS_NEW;
	return is_still_orphan(first, file) ? LOOK_REMOVE : LOOK_PUT_BACK;
}

// A touch sets both times, the exchange only that of the last change.
bool second_look_is_fresh(const struct stat *place) {
	return place->st_atim.tv_sec == HOLDER_TIME_S && place->st_atim.tv_nsec == 0;
}

enum second_look second_look_after_crash(const struct stat *file, const struct stat *place) {
	if (!S_ISDIR(place->st_mode))
		return LOOK_REFUSE;
	return is_later(&place->st_mtim, &file->st_ctim) ? LOOK_PUT_BACK_AS_NEW : LOOK_PUT_BACK;
}
