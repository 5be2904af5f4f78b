// SPDX-License-Identifier: MPL-2.0
// calls: has the servers that a released tag was published to delete it.
// Thread: as target_calls.h says.
#pragma once

#include "common/target/target_calls.h"

extern const struct target_calls dlrepo_calls;
