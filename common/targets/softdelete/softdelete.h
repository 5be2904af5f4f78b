// SPDX-License-Identifier: MPL-2.0
// softdelete: rows that an application marked deleted long ago and never removed. Thread: any.
#pragma once

#include "common/target/target.h"

extern const struct target target_softdelete;
