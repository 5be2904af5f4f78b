// SPDX-License-Identifier: MPL-2.0
// elsewhere: options that a command does not have, and that a file of options for all commands may
// give: where the brokers and the databases are. See conf_input. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

struct target;

enum { ELSEWHERE_KAFKA = 1 };
extern const struct conf_group elsewhere_kafka[ELSEWHERE_KAFKA];

// Those of a target.
struct conf_group elsewhere_target(const struct target *target);
