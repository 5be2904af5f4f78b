// SPDX-License-Identifier: MPL-2.0
// state_value: a value of the state topic that tells its version, and what is said of one that we
// do not understand. Pure. Thread: any.
#pragma once

#include "common/pack/pack.h"

#include <stddef.h>
#include <stdint.h>

enum { STATE_VALUE_FAULT_BYTES = 120 };

struct state_value_form {
	const char *what; // begins the words about it
	int version; // that we know
	// Takes the fields. 0, or a negative errno that makes it one that we do not understand.
	int (*fields)(void *out, const struct unpack *unpack);
};

// 0; -ENOMEM; another negative errno, with words in `fault`: it cannot be decoded, or is of another
// version. Then `out` may be filled in part.
int state_value_read(
	const struct state_value_form *form,
	const void *bytes,
	size_t len,
	void *out,
	char fault[STATE_VALUE_FAULT_BYTES]
);
// As unpack_str, but nil and a missing text are "". So is any that gives an error.
int state_value_text(const struct unpack *unpack, const char *key, char *out, size_t out_bytes);
