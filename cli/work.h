// SPDX-License-Identifier: MPL-2.0
// work: a worker of the fleet: takes candidates from Kafka and purges them.
// Thread: main.
#pragma once

#include "cli/front/command.h"

int work_main(const struct invocation *invocation); // an exit status
