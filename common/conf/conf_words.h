// SPDX-License-Identifier: MPL-2.0
// conf_words: the words of the command line. Thread: main.
#pragma once

#include "common/conf/conf_slots.h"

// Hands in what they say. 0, -EINVAL with a note, -ENOMEM; CONF_HELP or CONF_VERSION: that is asked
// for.
int conf_words_read(struct conf *conf, const struct conf_input *input, const struct words *note);
