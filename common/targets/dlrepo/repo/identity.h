// SPDX-License-Identifier: MPL-2.0
// identity: what tells one repository from another, wherever it is mounted: a random number in a
// file of its root. An empty directory where a file system is not mounted has none.
// Thread: any; blocks as the file system does.
#pragma once

#include <stddef.h>

#define IDENTITY_FILE ".purgefleet-dlrepo.id"
enum { IDENTITY_BYTES = 33 }; // 32 hexadecimal digits

// Reads it. 0; -ENOENT: there is none; -EBADMSG: the file has something else; or another negative
// errno.
int identity_read(int root, char out[IDENTITY_BYTES]);
// The same, and makes it when there is none. Of several that do so at once, all read the same.
int identity_make(int root, char out[IDENTITY_BYTES]);
