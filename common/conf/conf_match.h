// SPDX-License-Identifier: MPL-2.0
// conf_match: which option a name on the command line means, when it may be cut. Pure.
// Thread: main, before others start.
#pragma once

#include "common/conf/conf_slots.h"

#include <stdbool.h>
#include <stddef.h>

struct conf_match {
	struct conf_slot *slot; // NULL: --help
	// Of rows that fit; 1 is good.
	size_t count;
	bool is_no;
	// Those that fit a name that was cut; "": it was not.
	char names[200];
};

struct conf_match conf_match_name(const struct conf *conf, const char *name, size_t len);
// It decides what may go, and such a name is written in full.
bool conf_match_is_cut_too_far(const struct conf_match *match);
