// SPDX-License-Identifier: MPL-2.0
// holder: the directory that holds the place of a file.
// Thread: any; blocks as the file system does.
#pragma once

#include "common/targets/dlrepo/rule/second_look.h"

#include <sys/stat.h>

// Makes it in aside_fd, for the owner of the file, with a time of long ago. One of that name that
// was left there is replaced. 0 or a negative errno; -EBUSY: somebody is just using that name;
// -EEXIST: there is something else.
int holder_make(int aside_fd, const char *name, const struct stat *of_file);
// Of one that has just taken the place in fd, where the exchange itself gives a directory a new
// time: that is the one to compare with, unless somebody touched it already.
void holder_note_time(int fd, const char *name, struct first_look *first);
