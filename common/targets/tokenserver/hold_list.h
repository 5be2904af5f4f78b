// SPDX-License-Identifier: MPL-2.0
// hold_list: users of whom nothing may be purged, as a file names them.
//
// A user is what stands before the '@' of an e-mail address, for nodes keep data by that. Cases of
// ASCII letters do not count.
// Thread: any, while another one reads the file again.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hold_list; // opaque

int hold_list_new(struct hold_list **out); // empty; 0 or -ENOMEM
void hold_list_free(struct hold_list *list); // NULL is fine

// Reads a file of one e-mail address or fxa_uid a line; empty lines, and those that begin with #,
// do not count. It takes the place of what was read before. Blocks. 1: these are other users than
// before; 0: they are the same; -EINVAL with words in `error`, which name the line and not what it
// says, or -ENOMEM: all stays as it was.
int hold_list_read(struct hold_list *list, const char *path, char *error, size_t error_bytes);

// Is the user of this address, or with this fxa_uid, on hold?
bool hold_list_has(struct hold_list *list, const char *email);
// May it be? Of an address that cannot be read (NULL) nobody knows, so it may while anybody is. A
// list that is NULL has nobody.
bool hold_list_may_have(struct hold_list *list, const char *email);
size_t hold_list_count(struct hold_list *list);
// When the file was last changed (ctime, for an image may have one mtime for all its files), which
// tells one list from another and nothing of who is in it; 0: nobody is.
int64_t hold_list_stamp_ns(struct hold_list *list);
