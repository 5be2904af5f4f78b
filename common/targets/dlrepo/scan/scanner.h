// SPDX-License-Identifier: MPL-2.0
// scanner: finds surplus tags and orphan files of a repository.
// Thread: as target_scanner.h says.
#pragma once

#include "common/target/target_scanner.h"

extern const struct target_scanner dlrepo_scanner;
