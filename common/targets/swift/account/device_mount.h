// SPDX-License-Identifier: MPL-2.0
// device_mount: is a device there? Thread: scan; blocks.
//
// Source: check_drive and ismount_raw of Swift 2.38.3.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Is this a name that a device may have?
bool device_mount_is_name(const char *name);
// Is the path a mount point, or said to be one by a file .ismount in it? A link is one only by
// such a file.
bool device_mount_is_mounted(const char *path);
