// SPDX-License-Identifier: MPL-2.0
// proof: can what will be done be done here, and is what tells a file in use from an orphan true?
// Thread: any; blocks as the file system does.
#pragma once

#include <stddef.h>

struct dlrepo_config;

// Tries it in the place of this process in .deleting, before anything else is touched. 0, or a
// negative errno with words in `error`.
int proof_make(const struct dlrepo_config *config, int root, char *error, size_t error_bytes);
// The part of it that changes nothing, likewise.
int proof_foresee(const struct dlrepo_config *config, int root, char *error, size_t error_bytes);
