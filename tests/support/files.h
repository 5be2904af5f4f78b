// SPDX-License-Identifier: MPL-2.0
// files: a process that can open no more files.
#pragma once

#include <sys/resource.h>

// For the whole process; returns the limit of before.
struct rlimit files_leave_none(void);
void files_restore(const struct rlimit *limit);
