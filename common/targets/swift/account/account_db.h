// SPDX-License-Identifier: MPL-2.0
// account_db: the database of an account on a storage node, which is only ever read. Thread: scan;
// blocks.
//
// Source: the schema of AccountBroker of Swift 2.38.3.
//
// Design notes
// - An open transaction of ours would keep the account server from merging what is pending. So each
//   function ends what it begins, and a page is read whole.
// - A writer that was cut off leaves a journal that only a writer can roll back; the database
// cannot
//   be read before that. An account server that is asked for the account does it.
#pragma once

#include "common/targets/swift/ring/name_hash.h"

#include <stddef.h>
#include <stdint.h>

struct account_db; // opaque

enum { ACCOUNT_TEXT_BYTES = 64, ACCOUNT_NAME_BYTES = 1100 };

struct account_info {
	char name[ACCOUNT_NAME_BYTES]; // UTF-8
	size_t name_len;
	char status[ACCOUNT_TEXT_BYTES];
	char put_timestamp[ACCOUNT_TEXT_BYTES];
	char delete_timestamp[ACCOUNT_TEXT_BYTES];
	int64_t containers;
};

// 0; -EBUSY: somebody writes, or a journal has to be rolled back; -EBADMSG: it is no such database,
// or it is damaged; -ENOENT; -EACCES; -ENOMEM; -EIO; with words in `error`, without the path.
int account_db_open(struct account_db **out, const char *path, char *error, size_t error_bytes);
void account_db_close(struct account_db *db); // NULL is fine

// Errors as above.
int account_db_info(
	struct account_db *db, struct account_info *out, char *error, size_t error_bytes
);

// Says each name of the next containers that are not deleted, behind `after`, by name; the name
// lives during the call. A negative errno of take ends it. Returns how many there were (less than
// `most`: there are no more), or an error as above.
int account_db_containers(
	struct account_db *db,
	struct name_part after,
	int most,
	int (*take)(void *ctx, struct name_part name),
	void *ctx
);
const char *account_db_error(const struct account_db *db); // of account_db_containers

// Bytes that are not in the database yet. 0 (there may be no such file) or -errno.
int account_db_pending(const char *path, int64_t *out);
