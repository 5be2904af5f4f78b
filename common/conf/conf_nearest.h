// SPDX-License-Identifier: MPL-2.0
// conf_nearest: the known name that somebody meant who misspelt it. Pure. Thread: main.
#pragma once

// The entry of `names` (NULL-terminated) nearest to `word` by edit distance, or NULL when none is
// near.
const char *conf_nearest(const char *word, const char *const *names);
