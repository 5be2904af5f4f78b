// SPDX-License-Identifier: MPL-2.0
// lock_db: the scanner's lock as an advisory lock on the primary of a database.
//
// Design notes
// - The server gives the lock back when its connection ends. A process that is frozen, or whose
//   machine vanished, ends none, so the server is told to end it after a short silence, and a
//   thread of its own speaks in time: the scan thread may be busy with one query, or wait for
//   brokers or workers, for longer.
// - What holds the lock may not be the thread that asks: after a silence the answer of the server
//   counts, never `is_held`.
#include "producer/outbox/lock_db.h"

#include "common/base/monitor.h"
#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/db/url/db_url.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	// The most that the server takes for a lock.
	NAME_BYTES = 64 + 1,
	// As of lock_choice.c.
	TARGET_BYTES = 320,
	// Target and database.
	SUBJECT_BYTES = TARGET_BYTES + 64 * 4 + 2,
	// After which the server gives the lock to another one.
	SILENCE_S = 15,
	PING_MS = SILENCE_S * 1000 / 3,
};

static const struct db_limits limits = {
	.connect_timeout_ms = 10000,
	.read_timeout_ms = 10000,
	.lock_wait_timeout_ms = 5000,
};

struct lock_db {
	struct lock lock; // first
	struct db_url *url;
	bool is_alone; // by the operator's promise
	char target[TARGET_BYTES + 1];
	char name[NAME_BYTES]; // known when connected
	char error[512];
	pthread_t keeper;
	bool has_keeper;
	struct monitor monitor; // guards the rest
	struct db *db; // NULL: not connected
	bool is_held;
	bool is_ending;
};

static void disconnect(struct lock_db *lock) {
	lock->is_held = false;
	db_close(lock->db);
	lock->db = NULL;
}

// The one number of a SELECT; -1 for NULL.
static int select_number(struct lock_db *lock, const char *format, int64_t *out) {
	struct db_result *result;
	char sql[2 * NAME_BYTES];
	int err;

	snprintf(sql, sizeof(sql), format, lock->name);
	err = db_select(lock->db, sql, &result);
	if (err < 0)
		return err;
	*out = db_result_next(result) && !db_result_is_null(result, 0) ? db_result_int(result, 0)
								       : -1;
	db_result_free(result);
	return 0;
}

// Said, not left to the end of the connection: the server may come to that later than the next
// process asks.
static void give_back(struct lock_db *lock) {
	int64_t answer;

	if (lock->is_held)
		select_number(lock, "SELECT RELEASE_LOCK('%s')", &answer);
	disconnect(lock);
}

static int fail(struct lock_db *lock, int err, const char *why) {
	snprintf(lock->error, sizeof(lock->error), "cannot take the scanner's lock: %s", why);
	disconnect(lock);
	return err;
}

static bool is_ours(struct lock_db *lock) {
	int64_t answer = 0;

	return lock->is_held &&
		select_number(lock, "SELECT IS_USED_LOCK('%s') = CONNECTION_ID()", &answer) == 0 &&
		answer == 1;
}

static void *keep(void *arg) {
	struct lock_db *lock = arg;

	monitor_lock(&lock->monitor);
	while (!lock->is_ending) {
		monitor_wait_ms(&lock->monitor, PING_MS);
		if (!lock->is_ending && lock->is_held && !is_ours(lock))
			disconnect(lock);
	}
	monitor_unlock(&lock->monitor);
	return NULL;
}

// Not by SQL: MySQL 9 has no MD5 of its own any more. The words of `error` are for fail.
static int hash_name(struct lock_db *lock, const char *database, const char **error) {
	unsigned char hash[EVP_MAX_MD_SIZE];
	char subject[SUBJECT_BYTES];
	unsigned bytes = 0;
	int len = snprintf(subject, sizeof(subject), "%s/%s", lock->target, database);
	int at = snprintf(lock->name, sizeof(lock->name), "purgefleet/");

	*error = "the name of the database is too long";
	if (len >= (int)sizeof(subject))
		return -EMSGSIZE;
	*error = "this machine's OpenSSL has no MD5";
	if (EVP_Digest(subject, (size_t)len, hash, &bytes, EVP_md5(), NULL) != 1)
		return -ENOTSUP;
	for (unsigned i = 0; i < bytes; i++, at += 2)
		snprintf(lock->name + at, sizeof(lock->name) - (size_t)at, "%02x", hash[i]);
	return 0;
}

// Locks are the whole server's, so the database belongs to the name, as the server calls it.
static int find_name(struct lock_db *lock) {
	const char *error = "there is no database";
	struct db_result *result;
	int err = db_select(lock->db, "SELECT DATABASE()", &result);

	if (err < 0)
		return fail(lock, err, db_error(lock->db));
	err = -ENOENT;
	if (db_result_next(result) && !db_result_is_null(result, 0))
		err = hash_name(lock, db_result_text(result, 0, NULL), &error);
	db_result_free(result);
	return err < 0 ? fail(lock, err, error) : 0;
}

static int connect_primary(struct lock_db *lock) {
	char error[400];
	char sql[64];
	int err = db_open(&lock->db, lock->url, &limits, error, sizeof(error));

	if (err < 0)
		return fail(lock, err, error);
	snprintf(sql, sizeof(sql), "SET SESSION wait_timeout = %d", SILENCE_S);
	err = db_exec(lock->db, sql, NULL);
	if (err < 0)
		return fail(lock, err, db_error(lock->db));
	err = db_check_writable(lock->db);
	if (err == 0 || err == -ENOTSUP) // nothing is written here
		return 0;
	return fail(
		lock,
		err,
		db_error(lock->db)[0] != '\0' ? db_error(lock->db) : "this is not the primary"
	);
}

// On Galera, GET_LOCK gives each node's own lock, without a warning.
static int check_reach(struct lock_db *lock) {
	if (lock->is_alone || !db_is_cluster(lock->db))
		return 0;
	return fail(
		lock,
		-ENOLCK,
		"this is a Galera cluster, where a lock is each node's own: have one producer "
		"only, or all "
		"of them on one and the same node, and promise it with --single-producer"
	);
}

static int take_locked(struct lock_db *lock) {
	int64_t got = 0;
	int err;

	if (is_ours(lock))
		return 0;
	disconnect(lock);
	err = connect_primary(lock);
	if (err == 0)
		err = check_reach(lock);
	if (err == 0)
		err = find_name(lock);
	if (err < 0)
		return err;
	err = select_number(lock, "SELECT GET_LOCK('%s', 0)", &got);
	if (err < 0)
		return fail(lock, err, db_error(lock->db));
	if (got != 1)
		return fail(lock, -EBUSY, "another process has it");
	lock->is_held = true;
	return 0;
}

// --- the slots

static int lock_db_take(struct lock *side) {
	struct lock_db *lock = (struct lock_db *)side;
	int err;

	monitor_lock(&lock->monitor);
	err = take_locked(lock);
	if (err == 0 && !lock->has_keeper) {
		// Not before it is needed: a thread that began before signals were blocked would
		// get them.
		err = -pthread_create(&lock->keeper, NULL, keep, lock);
		lock->has_keeper = err == 0;
		if (err < 0)
			err = fail(lock, err, "no thread can be made to keep it");
	}
	monitor_unlock(&lock->monitor);
	return err;
}

static int lock_db_verify(struct lock *side) {
	struct lock_db *lock = (struct lock_db *)side;
	int err = 0;

	monitor_lock(&lock->monitor);
	if (!is_ours(lock))
		err = fail(lock, -ESTALE, "it was lost");
	monitor_unlock(&lock->monitor);
	return err;
}

static const char *lock_db_error(const struct lock *side) {
	return ((const struct lock_db *)side)->error;
}

static void lock_db_free(struct lock *side) {
	struct lock_db *lock = (struct lock_db *)side;

	if (lock->has_keeper) {
		monitor_lock(&lock->monitor);
		lock->is_ending = true;
		monitor_signal(&lock->monitor);
		monitor_unlock(&lock->monitor);
		pthread_join(lock->keeper, NULL);
	}
	give_back(lock);
	monitor_fini(&lock->monitor);
	db_url_free(lock->url);
	free(lock);
}

static const struct lock_ops lock_db_ops = {
	.take = lock_db_take,
	.verify = lock_db_verify,
	.error = lock_db_error,
	.free = lock_db_free,
};

int lock_db_new(struct lock **out, const char *location, const char *target, bool is_alone) {
	struct lock_db *lock = calloc(1, sizeof(*lock));
	int err;

	if (lock == NULL)
		return -ENOMEM;
	err = db_url_parse(&lock->url, location, lock->error, sizeof(lock->error));
	if (err < 0) {
		free(lock);
		return err;
	}
	monitor_init(&lock->monitor);
	lock->lock.ops = &lock_db_ops;
	lock->is_alone = is_alone;
	snprintf(lock->target, sizeof(lock->target), "%s", target);
	*out = &lock->lock;
	return 0;
}
