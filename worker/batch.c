// SPDX-License-Identifier: MPL-2.0
// batch: works that are checked, removed or deferred together.
#include "worker/batch.h"

#include <errno.h>
#include <stdio.h>

static void give_verdict(
	struct work *const *works,
	size_t count,
	enum verdict verdict,
	enum reason reason,
	const char *message
) {
	for (size_t i = 0; i < count; i++) {
		works[i]->verdict = verdict;
		works[i]->reason = reason;
		snprintf(works[i]->message, sizeof(works[i]->message), "%s", message);
	}
}

// A statement that ends every connection it is sent on is the row's fault, not the network's.
enum { LOSSES_MAX = 3 };

static int try_connected(const struct batch_call *call, struct work *const *works, size_t count) {
	int err = call->call(call->ctx, works, count);

	for (int losses = 1; err == -ENOTCONN; losses++) {
		if (losses > LOSSES_MAX)
			return -EIO;
		for (size_t i = 0; call->commits && i < count; i++)
			works[i]->commit_unknown = true;
		err = call->reconnect(call->ctx);
		if (err < 0)
			return err == -ENOTCONN ? -ETIMEDOUT : err;
		err = call->call(call->ctx, works, count);
	}
	return err;
}

static bool is_about_us(int err) {
	return err == -ETIMEDOUT || err == -ECANCELED || err == -EACCES || err == -ENOENT;
}

static int run_halves(const struct batch_call *call, struct work *const *works, size_t count) {
	int err = try_connected(call, works, count);

	if (err == 0)
		return 0;
	if (is_about_us(err)) {
		give_verdict(works, count, VERDICT_RETRY, REASON_DATABASE, call->error(call->ctx));
		return err;
	}
	if (count == 1) {
		bool again = err == -EAGAIN || err == -ETIME;
		give_verdict(
			works,
			1,
			again ? VERDICT_RETRY : VERDICT_FAILED,
			again ? REASON_DATABASE : REASON_UNKNOWN,
			call->error(call->ctx)
		);
		return 0;
	}
	err = run_halves(call, works, count / 2);
	if (err < 0) {
		give_verdict(
			works + count / 2,
			count - count / 2,
			VERDICT_RETRY,
			REASON_DATABASE,
			call->error(call->ctx)
		);
		return err;
	}
	return run_halves(call, works + count / 2, count - count / 2);
}

int batch_run(const struct batch_call *call, struct work *const *works, size_t count) {
	return count == 0 ? 0 : run_halves(call, works, count);
}
