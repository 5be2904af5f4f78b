// SPDX-License-Identifier: MPL-2.0
// aside: where things lie while they are removed, in .deleting of the root: tags that were moved
// out of their branches, files whose place a directory holds, and uploads. Readers of a repository
// look nowhere but in branches, products, users and .blobs.
//
// Each process has a directory of its own there, with a file that it keeps locked: whoever gets
// that lock knows that the process is gone, on whatever host it was.
// Thread: any; blocks as the file system does.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ASIDE_DIR ".deleting"
// In a process's own directory. Tags that are removed, whatever comes;
#define ASIDE_TAGS "tags"
// tags that were moved and not looked at since, as BRANCH/TAG: they go back;
#define ASIDE_BACK "back"
// files, by the path of their directory: they go back;
#define ASIDE_FILES "files"
// and what a file system is tried with.
#define ASIDE_PROOF "proof"

enum { ASIDE_PATH_BYTES = 128 };

struct aside; // opaque: the place of this process

// Makes nothing yet. `name`: of its directory; NULL: one that no other process has, on no host. 0,
// or a negative errno.
int aside_new(struct aside **out, const char *name);
void aside_free(struct aside *aside); // NULL is fine; leaves it first

// Copies its path below the root.
void aside_path(struct aside *aside, char out[ASIDE_PATH_BYTES]);
// Leaves what lies there to whoever tidies up, and goes on in another directory.
void aside_turn(struct aside *aside);
// Opens "tags", or "files/…", in it, and makes what is missing, the lock as well; `root` is the
// repository. A file descriptor or a negative errno; -EBUSY: somebody else has its lock.
int aside_open(struct aside *aside, int root, const char *path);
// The repository that it was made in, which belongs to it; -1: nothing was made, or it was left.
// Thread: while no other one uses it.
int aside_root(const struct aside *aside);
// Removes it and .deleting, as far as nothing is left in them, and gives the lock back.
void aside_leave(struct aside *aside);

// Locks what another process left; `name` is its directory in .deleting. A file descriptor, which
// holds the lock until it is closed; -EBUSY: that process is alive, or another one was faster;
// -ENOENT: it is gone; or another negative errno.
int aside_take_over(int root, const char *name);
// Removes what was taken over, as far as nothing is left in it, and then .deleting; closes the
// lock.
void aside_remove(int root, const char *name, int lock);
// Is there more in it than its lock?
bool aside_has_content(int root, const char *name);
// Is it the name of the own one?
bool aside_is_own(struct aside *aside, const char *name);
// Is something there that a process left that is gone?
bool aside_has_orphans(int root);

// Does a directory that is exchanged with something in another one get a new time by that, as on
// XFS? Noted once, before anything is put aside. Thread: any.
void aside_note_times(struct aside *aside, bool exchange_sets_time);
bool aside_exchange_sets_time(const struct aside *aside);
// Exchanges the two. 0 or a negative errno; -EOPNOTSUPP: this file system does not do it
// (renameat2(2), RENAME_EXCHANGE).
int aside_exchange(int one_fd, const char *one, int other_fd, const char *other);
