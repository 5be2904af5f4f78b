// SPDX-License-Identifier: MPL-2.0
// conf_nearest: the name that was meant. Pure. Thread: main.
#pragma once

// The entry of `names` (NULL-terminated) nearest to `word` by edit distance, or NULL when none is
// near.
const char *conf_nearest(const char *word, const char *const *names);
