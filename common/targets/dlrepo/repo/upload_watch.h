// SPDX-License-Identifier: MPL-2.0
// upload_watch: counts uploads that a server throws away, as inotify(7) tells.
//
// A server that has finished an upload looks whether its digest has a blob already, and then
// removes the upload instead of moving it there. A directory that holds the place of an orphan
// counts as that blob for it. So while a place is held, no upload may be thrown away.
// Source: _check_and_move of dlrepo 0.44.
#pragma once

#include <stdint.h>

struct upload_watch; // opaque

// Watches the directory .uploads of the repository at `root`, which need not be there yet. 0, or a
// negative errno: -EMFILE, -ENOSPC when this user has too many watches.
int upload_watch_open(struct upload_watch **out, const char *root);
void upload_watch_close(struct upload_watch *watch); // NULL is fine

// How many were thrown away since it was opened, as far as the kernel told by now; it only grows,
// and grows too when that is not known. Thread: any; one at a time is let in.
uint64_t upload_watch_count(struct upload_watch *watch);
