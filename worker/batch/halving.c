// SPDX-License-Identifier: MPL-2.0
// halving: what to do when a batch does not work.
#include "worker/batch/halving.h"

#include "common/target/finding.h"

#include <errno.h>

// To those whom no call has done.
static void give_verdict(
	const struct work_pair *pairs,
	size_t count,
	enum verdict verdict,
	enum reason reason,
	const char *message
) {
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].out->finding.verdict == VERDICT_DONE)
			continue;
		pairs[i].out->finding.verdict = verdict;
		pairs[i].out->finding.reason = reason;
		finding_say(&pairs[i].out->finding, "%s", message);
	}
}

enum {
	// A statement that ends every connection it is sent on is the row's fault, not the
	// network's.
	LOSSES_MAX = 3,
	// So many single rows that stay locked, one after the other: the table will be.
	STUCK_MAX = 3,
	HALVINGS_MAX = 65, // of any size_t
};

static int try_connected(
	const struct halving_call *call, const struct work_pair *pairs, size_t count
) {
	int err = call->call(call->ctx, pairs, count);
	int losses = 0;

	while (err == -ENOTCONN) {
		losses += call->broke(call->ctx) ? 1 : 0;
		if (count == 1 && pairs[0].out->narrowed)
			losses = 1;
		pairs[0].out->narrowed = false;
		if (losses > LOSSES_MAX)
			return -EIO;
		err = call->reconnect(call->ctx);
		if (err < 0)
			return err == -ENOTCONN ? -ETIMEDOUT : err;
		err = call->call(call->ctx, pairs, count);
	}
	return err;
}

static bool is_about_us(int err) {
	return err == -ETIMEDOUT || err == -ECANCELED || err == -EACCES || err == -ENOENT ||
		err == -ENOTSUP;
}

static bool is_locked(int err) {
	return err == -EAGAIN || err == -ETIME;
}

static void retry_later(
	const struct halving_call *call, const struct work_pair *pairs, size_t count
) {
	give_verdict(pairs, count, VERDICT_RETRY, REASON_DATABASE, call->error(call->ctx));
}

static void leave_untried(
	const struct halving_call *call, const struct work_pair *pairs, size_t count
) {
	retry_later(call, pairs, count);
	for (size_t i = 0; i < count; i++)
		pairs[i].out->untried = true;
}

// What a batch waited for in vain; each may have been a whole lock time-out.
struct locks {
	int count;
	int stuck; // single works in a row
};

static bool was_locked(int err, const struct work_pair *pairs, size_t count) {
	for (size_t i = 0; i < count && err == 0; i++) {
		if (pairs[i].out->finding.verdict == VERDICT_RETRY)
			return true;
	}
	return is_locked(err);
}

static void locks_note(struct locks *locks, int err, const struct work_pair *pairs, size_t count) {
	if (was_locked(err, pairs, count))
		locks->count++;
	if (is_locked(err) && count == 1)
		locks->stuck++;
	else if (err == 0 || count == 1)
		locks->stuck = 0;
}

static bool locks_are_too_many(const struct locks *locks) {
	return locks->count >= HALVING_LOCKS_MAX || locks->stuck >= STUCK_MAX;
}

static void judge_single(const struct halving_call *call, const struct work_pair *pair, int err) {
	if (is_locked(err))
		retry_later(call, pair, 1);
	else
		give_verdict(pair, 1, VERDICT_FAILED, REASON_UNKNOWN, call->error(call->ctx));
}

int halving_run(const struct halving_call *call, const struct work_pair *pairs, size_t count) {
	// Of the parts that are left, the next one last.
	size_t ends[HALVINGS_MAX] = {count};
	size_t first = 0, parts = 1;
	struct locks locks = {0};

	for (size_t i = 0; i < count; i++) {
		pairs[i].out->finding.verdict = VERDICT_GO;
		pairs[i].out->untried = false;
		pairs[i].out->narrowed = false;
	}
	while (first < count && !locks_are_too_many(&locks)) {
		size_t part = ends[parts - 1] - first;
		int err = try_connected(call, pairs + first, part);

		if (is_about_us(err)) {
			retry_later(call, pairs + first, count - first);
			return err;
		}
		locks_note(&locks, err, pairs + first, part);
		if (err < 0 && part > 1) {
			ends[parts++] = first + part / 2;
			continue;
		}
		if (err < 0)
			judge_single(call, pairs + first, err);
		first = ends[--parts];
	}
	leave_untried(call, pairs + first, count - first);
	return 0;
}
