// SPDX-License-Identifier: MPL-2.0
// layout: how a repository lies in its directory.
#include "common/targets/dlrepo/rule/layout.h"

#include <string.h>

bool layout_is_below(const char *path, const char *top) {
	size_t len = strlen(top);

	return strncmp(path, top, len) == 0 && (path[len] == '\0' || path[len] == '/');
}
