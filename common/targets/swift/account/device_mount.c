// SPDX-License-Identifier: MPL-2.0
// device_mount: is a device there?
#include "common/targets/swift/account/device_mount.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4200 };

bool device_mount_is_name(const char *name) {
	for (const char *c = name; *c != '\0'; c++) {
		if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= 'a' && *c <= 'z') || strchr("_.-~", *c) != NULL))
			return false;
	}
	return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool has_stub(const char *path) {
	char stub[PATH_BYTES];
	struct stat file;

	return snprintf(stub, sizeof(stub), "%s/.ismount", path) < (int)sizeof(stub) &&
		stat(stub, &file) == 0 && S_ISREG(file.st_mode);
}

bool device_mount_is_mounted(const char *path) {
	char above[PATH_BYTES];
	struct stat device, parent;

	if (lstat(path, &device) < 0)
		return false;
	if (snprintf(above, sizeof(above), "%s/..", path) >= (int)sizeof(above))
		return false;
	if (!S_ISLNK(device.st_mode) && lstat(above, &parent) == 0 &&
	    (device.st_dev != parent.st_dev || device.st_ino == parent.st_ino))
		return true;
	return has_stub(path);
}
