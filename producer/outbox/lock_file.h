// SPDX-License-Identifier: MPL-2.0
// lock_file: the scanner's lock as a locked file in the target's directory. It is held from the
// first pass on, between passes too. It ends with this process. It is lost when the file is removed
// or replaced, which `verify` notices.
// Thread: scan.
#pragma once

#include "producer/outbox/lock.h"

// Opens nothing. The file will be `directory`/.purgefleet-TARGET.lock. 0, -ENOMEM.
//
// Its `take` says -EACCES or -ENOENT: the file cannot be made there; -ENOLCK or -ENOTSUP: this file
// system has no locks; -ENOTCONN: whatever else is wrong with the directory. It blocks as long as
// the file system does.
int lock_file_new(struct lock **out, const char *directory, const char *target);
// The same on the directory itself, in which nothing is made: whoever may read it can lock it.
int lock_file_of_directory(struct lock **out, const char *directory);
