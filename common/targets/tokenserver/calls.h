// SPDX-License-Identifier: MPL-2.0
// calls: a record's DELETE to its storage node. At most one for each record.
// Thread: loop.
#pragma once

#include "common/target/target_calls.h"

extern const struct target_calls tokenserver_calls;
