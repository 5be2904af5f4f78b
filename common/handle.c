// SPDX-License-Identifier: MPL-2.0
// handle: what a target may block on.
#include "common/handle.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/url/db_url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct db_limits handle_db_limits = {
	.connect_timeout_ms = 10000,
	.read_timeout_ms = 60000,
	.lock_wait_timeout_ms = 5000,
};

enum { REOPEN_FIRST_MS = 50, REOPEN_MOST_MS = 2000 };

struct handle {
	enum handle_kind kind;
	struct db_url *url;
	char *path;
	struct db *db;
	int dir;
	bool wants_writable;
	int64_t lost_ms; // monotonic, all three; 0: it works
	int64_t patient_ms; // since when it is waited for
	// Before it is opened the next time.
	int64_t pause_ms;
	// The last time that it could not be opened.
	bool is_full;
	char error[512];
};

int handle_new(
	struct handle **out,
	enum handle_kind kind,
	const char *location,
	char *error,
	size_t error_bytes
) {
	struct handle *handle = calloc(1, sizeof(*handle));
	int err = 0;

	if (handle == NULL)
		return -ENOMEM;
	handle->kind = kind;
	handle->dir = -1;
	if (kind == HANDLE_DB)
		err = db_url_parse(&handle->url, location, error, error_bytes);
	else if (kind == HANDLE_DIR && (handle->path = strdup(location)) == NULL)
		err = -ENOMEM;
	if (err < 0) {
		handle_free(handle);
		return err;
	}
	*out = handle;
	return 0;
}

void handle_free(struct handle *handle) {
	if (handle == NULL)
		return;
	handle_close(handle);
	db_url_free(handle->url);
	free(handle->path);
	free(handle);
}

static int handle_open_dir(struct handle *handle) {
	int err;

	handle->dir = open(handle->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (handle->dir >= 0)
		return 0;
	err = -errno;
	snprintf(
		handle->error,
		sizeof(handle->error),
		"cannot open '%s': %s",
		handle->path,
		strerror(-err)
	);
	return err;
}

static int handle_open_db(struct handle *handle) {
	int err = 0;

	if (handle->db == NULL)
		err = db_open(
			&handle->db,
			handle->url,
			&handle_db_limits,
			handle->error,
			sizeof(handle->error)
		);
	if (err == 0 && handle->wants_writable)
		err = db_check_writable(handle->db);
	if (err < 0 && handle->db != NULL) {
		snprintf(handle->error, sizeof(handle->error), "%s", db_error(handle->db));
		handle_close(handle);
	}
	if (err == 0)
		db_begin_work(handle->db);
	return err;
}

static bool handle_is_for_operator(int err) {
	return err == -EACCES || err == -ENOENT || err == -ENOTSUP;
}

int handle_open(struct handle *handle) {
	int err = 0;

	handle->error[0] = '\0';
	if (handle->kind == HANDLE_DB)
		err = handle_open_db(handle);
	else if (handle->kind == HANDLE_DIR && handle->dir < 0)
		err = handle_open_dir(handle);
	handle->is_full = err == -EUSERS;
	return err == 0 || handle_is_for_operator(err) ? err : -ENOTCONN;
}

void handle_want_writable(struct handle *handle, bool wants) {
	handle->wants_writable = wants;
}

// Returns whether patience begins with it.
static bool handle_note_loss(struct handle *handle) {
	bool is_first = handle->lost_ms == 0 || handle_broke_at_work(handle);
	int64_t now_ms = clock_mono_ms();

	if (handle->lost_ms == 0)
		handle->lost_ms = now_ms;
	if (is_first)
		handle->patient_ms = now_ms;
	// The words outlive the connection.
	if (handle->error[0] == '\0' && handle->db != NULL)
		snprintf(handle->error, sizeof(handle->error), "%s", db_error(handle->db));
	handle_close(handle);
	return is_first;
}

static void handle_forget_loss(struct handle *handle) {
	handle->lost_ms = 0;
	handle->patient_ms = 0;
	handle->pause_ms = 0;
}

typedef bool (*handle_nap)(void *ctx, int64_t ms);

// Waits before the next try, which is at once when it worked before; false: nobody shall wait any
// more.
static bool handle_pause(struct handle *handle, int64_t left_ms, handle_nap nap, void *ctx) {
	int64_t pause_ms = handle->pause_ms;

	if (pause_ms == 0) {
		handle->pause_ms = REOPEN_FIRST_MS;
		return true;
	}
	if (pause_ms < REOPEN_MOST_MS)
		handle->pause_ms *= 2;
	return nap(ctx, pause_ms < left_ms ? pause_ms : left_ms);
}

int handle_reopen(
	struct handle *handle, int64_t patience_ms, bool (*nap)(void *ctx, int64_t ms), void *ctx
) {
	bool is_first = handle_note_loss(handle);
	int64_t left_ms = handle->patient_ms + patience_ms - clock_mono_ms();
	int err = -ENOTCONN;

	// Each has one try, also where there is no patience.
	while (err == -ENOTCONN && (is_first || left_ms > 0) &&
	       handle_pause(handle, left_ms, nap, ctx)) {
		err = handle_open(handle);
		is_first = false;
		left_ms = handle->patient_ms + patience_ms - clock_mono_ms();
	}
	if (err < 0)
		handle_forget_loss(handle);
	return err;
}

int64_t handle_worked(struct handle *handle) {
	int64_t lost_ms = handle->lost_ms;

	handle_forget_loss(handle);
	if (lost_ms == 0)
		return 0;
	lost_ms = clock_mono_ms() - lost_ms;
	return lost_ms > 0 ? lost_ms : 1;
}

bool handle_broke(const struct handle *handle) {
	return handle->kind != HANDLE_DB || (handle->db != NULL && db_broke(handle->db));
}

bool handle_broke_at_work(const struct handle *handle) {
	return handle->kind != HANDLE_DB || (handle->db != NULL && db_broke_at_work(handle->db));
}

bool handle_is_full(const struct handle *handle) {
	return handle->is_full;
}

void handle_close(struct handle *handle) {
	db_close(handle->db);
	handle->db = NULL;
	if (handle->dir >= 0)
		close(handle->dir);
	handle->dir = -1;
}

const char *handle_error(const struct handle *handle) {
	if (handle->error[0] == '\0' && handle->db != NULL)
		return db_error(handle->db);
	return handle->error;
}

static const char *handle_remedy(int err) {
	switch (err) {
	case -EACCES:
		return ", its user, password and TLS parameters";
	case -ENOENT:
		return ", the name of the database in it";
	default:
		return " and that the server runs";
	}
}

void handle_say_unreachable(
	const struct handle *handle, int err, const char *source, char *out, size_t out_bytes
) {
	const char *where = source == NULL ? "--database-url" : source;
	const char *what = handle_remedy(err);

	if (handle->kind == HANDLE_DIR)
		snprintf(out, out_bytes, "%.400s; check %s", handle_error(handle), where);
	// The server runs, and its words have the remedy.
	else if (handle->is_full)
		snprintf(out, out_bytes, "cannot connect: %.400s", handle_error(handle));
	else
		snprintf(
			out,
			out_bytes,
			"cannot connect: %.400s; check %s%s",
			handle_error(handle),
			where,
			what
		);
}

const char *handle_caution(const struct handle *handle) {
	return handle->url == NULL ? NULL : db_url_caution(handle->url);
}

struct db *handle_db(const struct handle *handle) {
	return handle->db;
}

int handle_dir(const struct handle *handle) {
	return handle->dir;
}
