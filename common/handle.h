// SPDX-License-Identifier: MPL-2.0
// handle: what a target may block on, a database connection or a directory. The engine opens it,
// closes it and opens it again; a target only uses it. Thread: one handle belongs to one thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct handle; // opaque

enum handle_kind {
	HANDLE_NONE,
	HANDLE_DB, // location: a database URL
	HANDLE_DIR, // location: a directory
};

// Reads the location and opens nothing. Returns 0, -EINVAL (with what is wrong in `error`),
// -ENOMEM.
int handle_new(
	struct handle **out,
	enum handle_kind kind,
	const char *location,
	char *error,
	size_t error_bytes
);
void handle_free(struct handle *handle); // NULL is fine

// Connects unless connected. 0, or what an operator has to mend: -EACCES, -ENOENT, -ENOTSUP as
// db_open says; whatever else keeps a connection from being made is -ENOTCONN, so that no row gets
// a verdict for it. The text is in handle_error.
int handle_open(struct handle *handle);
// Whether from now on a connection counts as open only while it can be written to. handle_open then
// asks the server each time, also on a connection that it has: a primary that became a replica,
// whose rows may be old, is -ENOTCONN.
void handle_want_writable(struct handle *handle, bool wants);
// After -ENOTCONN: opens it anew, with growing pauses, for at most patience_ms. That a connection
// was made ends neither the pauses' growth nor the patience: only handle_worked does. Patience also
// begins anew with a loss at work (handle_broke_at_work). `nap` waits and returns false when nobody
// shall wait any more. Returns 0, -ENOTCONN (gave up), or another error at once.
int handle_reopen(
	struct handle *handle, int64_t patience_ms, bool (*nap)(void *ctx, int64_t ms), void *ctx
);
// What the handle is for worked: a loss from now on is a new one. Returns how long it was lost
// before in ms, at least 1; 0: it was not.
int64_t handle_worked(struct handle *handle);
// Of the last -ENOTCONN: the connection broke under a statement, which may be what broke it. false:
// it could not be opened, or the server said itself that it does not serve.
bool handle_broke(const struct handle *handle);
// As handle_broke, and something had worked since it was opened, or it took a second: only then is
// the statement suspected.
bool handle_broke_at_work(const struct handle *handle);
// Of the last -ENOTCONN: the database is there and has no more connections for us.
bool handle_is_full(const struct handle *handle);
void handle_close(struct handle *handle); // the next handle_open connects anew
const char *handle_error(const struct handle *handle); // words of the last failure
// Of a handle_open that failed with err: what is wrong, and the remedy. `source` says where the
// location was given; NULL: by --database-url.
void handle_say_unreachable(
	const struct handle *handle, int err, const char *source, char *out, size_t out_bytes
);

// Words that the operator should see once about where the handle leads to; NULL: none.
const char *handle_caution(const struct handle *handle);

struct db *handle_db(const struct handle *handle); // open HANDLE_DB only, else NULL
int handle_dir(const struct handle *handle); // open HANDLE_DIR only, else -1
