// SPDX-License-Identifier: MPL-2.0
// scanner_lock: one scanner at a time.
#include "producer/scanner_lock.h"

#include "common/db.h"
#include "common/handle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { SQL_BYTES = 256, TARGET_BYTES = 64 };

struct scanner_lock {
	struct handle *handle;
	char name
		[SQL_BYTES]; // as an SQL expression: 64 characters are the most a lock's name may have
	bool is_held;
	char error[512];
};

int scanner_lock_new(struct scanner_lock **out, const char *location, const char *target) {
	struct scanner_lock *lock = calloc(1, sizeof(*lock));
	int err;

	if (lock == NULL)
		return -ENOMEM;
	err = handle_new(&lock->handle, HANDLE_DB, location, lock->error, sizeof(lock->error));
	if (err < 0) {
		free(lock);
		return err;
	}
	// Locks are the whole server's, so the database belongs to the name.
	snprintf(
		lock->name,
		sizeof(lock->name),
		"CONCAT('purgefleet/', MD5(CONCAT('%.*s/', DATABASE())))",
		TARGET_BYTES,
		target
	);
	*out = lock;
	return 0;
}

void scanner_lock_free(struct scanner_lock *lock) {
	if (lock == NULL)
		return;
	handle_free(lock->handle);
	free(lock);
}

const char *scanner_lock_error(const struct scanner_lock *lock) {
	return lock->error;
}

static int fail(struct scanner_lock *lock, int err, const char *why) {
	snprintf(lock->error, sizeof(lock->error), "cannot take the scanner's lock: %s", why);
	lock->is_held = false;
	handle_close(lock->handle);
	return err;
}

// The one number of a SELECT; -1 for NULL.
static int select_number(struct scanner_lock *lock, const char *format, int64_t *out) {
	struct db_result *result;
	char sql[2 * SQL_BYTES];
	int err;

	snprintf(sql, sizeof(sql), format, lock->name);
	err = db_select(handle_db(lock->handle), sql, &result);
	if (err < 0)
		return err;
	*out = db_result_next(result) && !db_result_is_null(result, 0) ? db_result_int(result, 0)
								       : -1;
	db_result_free(result);
	return 0;
}

int scanner_lock_verify(struct scanner_lock *lock) {
	int64_t is_ours = 0;

	if (lock->is_held &&
	    select_number(lock, "SELECT IS_USED_LOCK(%s) = CONNECTION_ID()", &is_ours) == 0 &&
	    is_ours == 1)
		return 0;
	return fail(lock, -ESTALE, "it was lost");
}

int scanner_lock_take(struct scanner_lock *lock) {
	int64_t got = 0;
	int err;

	if (lock->is_held && scanner_lock_verify(lock) == 0)
		return 0;
	err = handle_open(lock->handle);
	if (err == 0)
		err = db_check_writable(handle_db(lock->handle));
	if (err == -ENOTSUP)
		err = 0; // nothing is written here
	if (err == 0)
		err = select_number(lock, "SELECT GET_LOCK(%s, 0)", &got);
	if (err < 0)
		return fail(
			lock,
			err,
			handle_error(lock->handle)[0] != '\0' ? handle_error(lock->handle)
							      : "this is not the primary"
		);
	if (got != 1)
		return fail(lock, -EBUSY, "another process has it");
	lock->is_held = true;
	return 0;
}
