// SPDX-License-Identifier: MPL-2.0
// swift: containers and objects of deleted accounts of OpenStack Swift. Thread: any.
#pragma once

#include "common/target/target.h"

extern const struct target target_swift;
