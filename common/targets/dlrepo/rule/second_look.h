// SPDX-License-Identifier: MPL-2.0
// second_look: what becomes of a file whose place a directory holds. Pure. Thread: any.
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

// As they were when the two changed places.
struct first_look {
	ino_t file;
	struct timespec file_changed;
	ino_t holder;
	struct timespec holder_changed;
};

struct first_look first_look_of(const struct stat *file, const struct stat *holder);

enum second_look {
	LOOK_REMOVE, // nobody came
	// The file is in use, or another one.
	LOOK_PUT_BACK,
	// The same, and what touched the directory meant the file.
	LOOK_PUT_BACK_AS_NEW,
	// The place holds something that nobody here put there.
	LOOK_REFUSE,
};

// file: where it lies aside now. place: what its name leads to now.
enum second_look second_look(
	const struct first_look *first, const struct stat *file, const struct stat *place
);

// The time that a directory is given before it holds a place, long ago: whoever touches it is seen,
// however soon.
#define HOLDER_TIME_S 1

// Right after the two changed places, on a file system that gives the directory a new time by that:
// is it that time which `place` has? False: somebody touched it since.
bool second_look_is_fresh(const struct stat *place);

// The same after a crash, when nothing is known of the first look: the directory was made right
// before the two changed places, which is the file's last change of status. Never LOOK_REMOVE.
enum second_look second_look_after_crash(const struct stat *file, const struct stat *place);
