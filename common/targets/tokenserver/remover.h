// SPDX-License-Identifier: MPL-2.0
// remover: judges records again and takes them out of the database.
// Thread: as target_remover.h says.
#pragma once

#include "common/target/target_remover.h"

extern const struct target_remover tokenserver_remover;
