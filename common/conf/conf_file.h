// SPDX-License-Identifier: MPL-2.0
// conf_file: hands in what an INI file says. Blocks. Thread: main.
#pragma once

#include "common/conf/conf_slots.h"

// Hands in what it says. 0, -EINVAL with a note, -ENOMEM, or -errno of the file, with a note.
// file_row: the row that named it, which it may not give itself.
int conf_file_read(
	struct conf *conf, const char *file_row, const char *path, const struct words *note
);
