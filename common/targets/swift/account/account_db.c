// SPDX-License-Identifier: MPL-2.0
// account_db: the database of an account on a storage node, which is only ever read.
#include "common/targets/swift/account/account_db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 1000, ERROR_BYTES = 200 };

// Of a file of SQLite: which version may read it, and what that is when it has a write-ahead log.
enum { READ_VERSION_AT = 19, WITH_A_LOG = 2 };

struct account_db {
	sqlite3 *sqlite;
	char error[ERROR_BYTES];
};

static int errno_of(int code) {
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	// A journal has to be rolled back, which one that only reads may not.
	case SQLITE_READONLY:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: // no such table, no such column
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static const char *words_of(sqlite3 *sqlite, int code) {
	if ((code & 0xFF) == SQLITE_READONLY)
		return "a writer was cut off, and only who writes can roll its journal back, as "
		       "the "
		       "account server does when it is asked for the account";
	return sqlite == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(sqlite);
}

static int fail(sqlite3 *sqlite, int code, char *error, size_t error_bytes) {
	snprintf(error, error_bytes, "%s", words_of(sqlite, code));
	return errno_of(code);
}

// SQLite would make files beside such a database to read it, and leave them there.
static bool has_log(int fd) {
	unsigned char version = 0;

	return pread(fd, &version, 1, READ_VERSION_AT) == 1 && version == WITH_A_LOG;
}

// SQLite says of most of these only that it cannot open the file.
static int look(const char *path, char *error, size_t error_bytes) {
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat stat;
	int err = fd < 0 ? -errno : 0;

	if (err == 0 && fstat(fd, &stat) < 0)
		err = -errno;
	if (err < 0)
		snprintf(error, error_bytes, "%s", strerror(-err));
	if (err == 0 && (!S_ISREG(stat.st_mode) || stat.st_size == 0)) {
		snprintf(error, error_bytes, "it is empty, or no file");
		err = -EBADMSG;
	}
	if (err == 0 && has_log(fd)) {
		snprintf(
			error,
			error_bytes,
			"it has a write-ahead log, which Swift's databases have not"
		);
		err = -EBADMSG;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

int account_db_open(struct account_db **out, const char *path, char *error, size_t error_bytes) {
	struct account_db *db;
	int code, err = look(path, error, error_bytes);

	if (err < 0)
		return err;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return -ENOMEM;
	code = sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		err = fail(db->sqlite, code, error, error_bytes);
		account_db_close(db);
		return err;
	}
	sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	*out = db;
	return 0;
}

void account_db_close(struct account_db *db) {
	if (db == NULL)
		return;
	sqlite3_close(db->sqlite);
	free(db);
}

// Text with a NUL inside, or one that is too long, is none of ours.
static int copy(sqlite3_stmt *row, int column, char *out, size_t out_bytes) {
	const unsigned char *text = sqlite3_column_text(row, column);
	size_t len = (size_t)sqlite3_column_bytes(row, column);

	if (text == NULL || len >= out_bytes || memchr(text, '\0', len) != NULL)
		return -EBADMSG;
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

static int read_info(sqlite3_stmt *row, struct account_info *out) {
	const unsigned char *name = sqlite3_column_text(row, 0);
	int err = 0;

	*out = (struct account_info){.name_len = (size_t)sqlite3_column_bytes(row, 0)};
	if (name == NULL || out->name_len == 0 || out->name_len >= sizeof(out->name))
		return -EBADMSG;
	memcpy(out->name, name, out->name_len);
	out->containers = sqlite3_column_int64(row, 4);
	err = copy(row, 1, out->status, sizeof(out->status));
	if (err == 0)
		err = copy(row, 2, out->put_timestamp, sizeof(out->put_timestamp));
	if (err == 0)
		err = copy(row, 3, out->delete_timestamp, sizeof(out->delete_timestamp));
	return err < 0 || out->containers < 0 ? -EBADMSG : 0;
}

int account_db_info(
	struct account_db *db, struct account_info *out, char *error, size_t error_bytes
) {
	static const char sql[] = "SELECT account, status, put_timestamp, delete_timestamp, "
				  "container_count FROM account_stat";
	sqlite3_stmt *row;
	int err, code = sqlite3_prepare_v2(db->sqlite, sql, -1, &row, NULL);

	if (code != SQLITE_OK)
		return fail(db->sqlite, code, error, error_bytes);
	code = sqlite3_step(row);
	if (code == SQLITE_ROW) {
		err = read_info(row, out);
		if (err < 0)
			snprintf(error, error_bytes, "its account_stat has what is not understood");
	} else if (code == SQLITE_DONE) {
		snprintf(error, error_bytes, "its account_stat is empty");
		err = -EBADMSG;
	} else {
		err = fail(db->sqlite, code, error, error_bytes);
	}
	sqlite3_finalize(row);
	return err;
}

// Behind a name that is no text no page would ever begin.
static int take_row(sqlite3_stmt *row, int (*take)(void *ctx, struct name_part name), void *ctx) {
	bool is_text = sqlite3_column_type(row, 0) == SQLITE_TEXT;
	const void *bytes = sqlite3_column_text(row, 0);
	struct name_part name = {bytes, (size_t)sqlite3_column_bytes(row, 0)};

	return !is_text || bytes == NULL || name.len == 0 ? -EBADMSG : take(ctx, name);
}

static int step_all(
	sqlite3_stmt *row, int (*take)(void *ctx, struct name_part name), void *ctx, int *count
) {
	int code, err = 0;

	while (err == 0 && (code = sqlite3_step(row)) == SQLITE_ROW) {
		err = take_row(row, take, ctx);
		++*count;
	}
	return err < 0 ? err : code == SQLITE_DONE ? 0 : errno_of(code);
}

int account_db_containers(
	struct account_db *db,
	struct name_part after,
	int most,
	int (*take)(void *ctx, struct name_part name),
	void *ctx
) {
	static const char sql[] = "SELECT name FROM container WHERE deleted = 0 AND name > ?1 "
				  "ORDER BY name LIMIT ?2";
	sqlite3_stmt *row;
	int count = 0;
	int err, code = sqlite3_prepare_v2(db->sqlite, sql, -1, &row, NULL);

	if (code != SQLITE_OK)
		return fail(db->sqlite, code, db->error, sizeof(db->error));
	sqlite3_bind_text(row, 1, after.len == 0 ? "" : after.bytes, (int)after.len, SQLITE_STATIC);
	sqlite3_bind_int(row, 2, most);
	err = step_all(row, take, ctx, &count);
	if (err < 0)
		snprintf(
			db->error,
			sizeof(db->error),
			"%s",
			err == -EBADMSG ? "a container without a name, or a damaged database"
					: sqlite3_errmsg(db->sqlite)
		);
	sqlite3_finalize(row);
	return err < 0 ? err : count;
}

const char *account_db_error(const struct account_db *db) {
	return db->error;
}

int account_db_pending(const char *path, int64_t *out) {
	char pending[4200];
	struct stat stat_of;

	*out = 0;
	if (snprintf(pending, sizeof(pending), "%s.pending", path) >= (int)sizeof(pending))
		return -ENAMETOOLONG;
	if (stat(pending, &stat_of) < 0)
		return errno == ENOENT ? 0 : -errno;
	*out = stat_of.st_size;
	return 0;
}
