// SPDX-License-Identifier: MPL-2.0
// files: a process that can open no more files.
#pragma once

#include <sys/resource.h>

struct rlimit files_leave_none(void); // for the whole process; returns the limit of before
void files_restore(const struct rlimit *limit);
