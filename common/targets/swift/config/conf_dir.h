// SPDX-License-Identifier: MPL-2.0
// conf_dir: the files of a configuration that is a directory, as Swift reads it. Blocks.
// Thread: main.
//
// Source: read_conf_dir of swift/common/utils/config.py of Swift 2.38.3.
#pragma once

#include <stddef.h>

struct conf_dir {
	char **paths; // by name
	size_t count;
};

// `path` alone when it is no directory; else its files that end with ".conf" and begin with no
// full stop. 0, -ENOENT (there are none), -errno of the directory, -ENOMEM.
int conf_dir_list(struct conf_dir *out, const char *path);
void conf_dir_free(struct conf_dir *dir); // a zeroed one is fine
