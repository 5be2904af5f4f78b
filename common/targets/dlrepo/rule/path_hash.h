// SPDX-License-Identifier: MPL-2.0
// path_hash: a number that stands for a path, the same in every process. Pure. Thread: any.
#pragma once

#include <stdint.h>

// FNV-1a of "DIR/NAME". Its low bits depend on the last byte most.
uint64_t path_hash(const char *dir, const char *name);
