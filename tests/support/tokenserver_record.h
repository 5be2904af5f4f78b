// SPDX-License-Identifier: MPL-2.0
// tokenserver_record: a user record as a task of the target, as the scan makes it of a ruling and a
// worker takes it in. What fails fails the running test.
#pragma once

#include "common/target/work.h"
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/rule.h"

struct task { // see record_open
	struct candidate candidate;
	struct pack *pack;
	struct work work;
	struct finding why;
};

extern const struct user_row record_row; // that all of them are about
extern const struct ruling record_node_and_row;
extern const struct ruling record_nodeless;
extern const struct ruling record_held_back;
extern const struct ruling record_forced;
extern const struct ruling record_forced_held_back;
extern const struct ruling record_faulty;

struct task *record_open(const struct tokenserver_config *config, const struct ruling *ruling);
void record_close(const struct tokenserver_config *config, struct task *task);
