// SPDX-License-Identifier: MPL-2.0
// dlrepo: tags beyond a branch's policy, and files that no tag needs any more, of a dlrepo artifact
// repository. Thread: any.
#pragma once

#include "common/target/target.h"

extern const struct target target_dlrepo;
