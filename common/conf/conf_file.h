// SPDX-License-Identifier: MPL-2.0
// conf_file: hands in what an INI file says. Blocks. Thread: main.
#pragma once

#include "common/conf/conf_slots.h"

// Hands in what it says. 0, -EINVAL with a note, -ENOMEM, or -errno of the file, with a note.
// Of `input` those fields count that are about the file.
int conf_file_read(
	struct conf *conf,
	const struct conf_input *input,
	const char *path,
	const struct words *note
);
