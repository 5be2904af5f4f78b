// SPDX-License-Identifier: MPL-2.0
// dead: lists the dead letters of a target, shows them, puts their records back, or drops them.
// Thread: main.
#pragma once

#include "cli/front/command.h"

int dead_main(const struct invocation *invocation); // an exit status
