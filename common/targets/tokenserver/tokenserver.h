// SPDX-License-Identifier: MPL-2.0
// tokenserver: obsolete user records of Mozilla Tokenserver. Removes each user's data from their
// storage node, then the record. Thread: any.
#pragma once

#include "common/target/target.h"

extern const struct target target_tokenserver;
