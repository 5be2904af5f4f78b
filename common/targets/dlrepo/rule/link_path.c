// SPDX-License-Identifier: MPL-2.0
// link_path: where a symbolic link leads to, by its text alone.
#include "common/targets/dlrepo/rule/link_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// Takes the last part off; false: there is none.
static bool go_up(char *path) {
	char *slash = strrchr(path, '/');

	if (path[0] == '\0')
		return false;
	if (slash != NULL)
		*slash = '\0';
	else
		path[0] = '\0';
	return true;
}

static int go_down(char *path, size_t bytes, const char *part, size_t len) {
	size_t at = strlen(path);
	int more = snprintf(path + at, bytes - at, "%s%.*s", at > 0 ? "/" : "", (int)len, part);

	return more < 0 || (size_t)more >= bytes - at ? -ENAMETOOLONG : 0;
}

static int follow(char *path, size_t bytes, const char *part, size_t len) {
	if (len == 0 || (len == 1 && part[0] == '.'))
		return 0;
	if (len == 2 && part[0] == '.' && part[1] == '.')
		return go_up(path) ? 0 : -EINVAL;
	return go_down(path, bytes, part, len);
}

int link_path(const char *dir, const char *text, char *out, size_t out_bytes) {
	int err = 0;

	if (text[0] == '/' || out_bytes == 0)
		return -EINVAL;
	if ((size_t)snprintf(out, out_bytes, "%s", dir) >= out_bytes)
		return -ENAMETOOLONG;
	while (err == 0 && *text != '\0') {
		size_t len = strcspn(text, "/");

		err = follow(out, out_bytes, text, len);
		text += len + (text[len] == '/' ? 1 : 0);
	}
	return err == 0 && out[0] == '\0' ? -EINVAL : err;
}
