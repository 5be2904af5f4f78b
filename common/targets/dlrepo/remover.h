// SPDX-License-Identifier: MPL-2.0
// remover: takes tags and orphan files out of a repository.
// Thread: as target_remover.h says.
#pragma once

#include "common/target/target_remover.h"

extern const struct target_remover dlrepo_remover;
