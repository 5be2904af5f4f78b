// SPDX-License-Identifier: MPL-2.0
// look_letters: how many dead letters there are, and why. Blocks, for as long as it takes to read
// all of them. Thread: the owner's.
#pragma once

#include "cli/status/view.h"

struct front;
struct kafka_options;

// What cannot be known is unknown in it. 0, -ENOMEM.
int look_letters_ask(
	const struct front *front, const struct kafka_options *kafka, struct view_letters *out
);
