// SPDX-License-Identifier: MPL-2.0
// topics: makes the topics of a target, or says how they are.
// Thread: main.
#pragma once

#include "cli/front/command.h"

int topics_main(const struct invocation *invocation); // an exit status
