// SPDX-License-Identifier: MPL-2.0
// option_groups: groups of options that several commands have.
//
// A command that has not got a group may pass over its options in a file that is for all commands
// (see conf_input). Nothing is filled then, and the struct may be NULL. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

struct front_log;
struct kafka_options;
struct target;

struct conf_group option_group_target(const struct target *target, void *config);
struct conf_group option_group_kafka(struct kafka_options *kafka);
struct conf_group option_group_log(struct front_log *log);
