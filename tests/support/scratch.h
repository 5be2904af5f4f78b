// SPDX-License-Identifier: MPL-2.0
// scratch: a directory of a test's own. Thread: the one that runs the tests.
#pragma once

#include <stddef.h>

enum { SCRATCH_PATH_BYTES = 512 };

// The state of a test between begin and end.
struct scratch {
	char dir[64];
	char path[SCRATCH_PATH_BYTES]; // what the last scratch_path made
};

int scratch_begin(void **state); // set-up of a test
int scratch_end(void **state); // and its tear-down: it is removed

#define WITH_A_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

// The path of a name in it; lives until the next one is asked for.
const char *scratch_path(struct scratch *scratch, const char *name);
// Both make the directories above it, too.
void scratch_make_dir(struct scratch *scratch, const char *name);
void scratch_make_file(struct scratch *scratch, const char *name, const void *bytes, size_t len);
// The same bytes once more, under another name.
void scratch_copy(struct scratch *scratch, const char *from, const char *to);

// Nobody but root can read it. From then on, and until the end of the test, the test is not root.
void scratch_hide(struct scratch *scratch, const char *name);

// All that is in a directory: names, sizes, times of the last change. The caller frees it.
char *scratch_look(const char *dir);
// It is as it was when `before` was taken, which is freed.
void scratch_assert_same(const char *dir, char *before);
