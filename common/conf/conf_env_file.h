// SPDX-License-Identifier: MPL-2.0
// conf_env_file: hands in what a file of environment variables says. Blocks. Thread: main.
#pragma once

#include "common/conf/conf_slots.h"

// Hands in the values of those variables that a row names, each last one; an empty one is not set.
// Of `input` those fields count that are about this file and about variables. 0, also when there is
// no file that may be missing; -EINVAL with a note; -ENOMEM; or -errno of the file, with a note.
int conf_env_file_read(struct conf *conf, const struct conf_input *input, const struct words *note);
