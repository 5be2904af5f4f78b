// SPDX-License-Identifier: MPL-2.0
// calls: the requests that empty and delete a container. Thread: loop.
#pragma once

#include "common/target/target_calls.h"

extern const struct target_calls swift_calls;
