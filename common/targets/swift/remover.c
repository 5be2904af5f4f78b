// SPDX-License-Identifier: MPL-2.0
// remover: what becomes of a container whose requests are done.
//
// Nothing is removed here: the last request did it. What it came to is handed on.
#include "common/targets/swift/remover.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/candidate.h"
#include "common/target/finding.h"
#include "common/targets/swift/book/account_book.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/reaping/in_work.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/record/container_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

// A page of its objects may be long.
enum { CONTAINERS_IN_WORK = 32, US_PER_MS = 1000 };

// Where records are only looked at there is nobody to tell.
static int enter(const struct swift_config *conf, struct reap *reap, int64_t deleted_ms) {
	const struct container_record *record = &reap->record;
	int err;

	if (conf->book == NULL)
		return 0;
	err = in_work_enter(conf->in_work, record->account, record->container, &reap->place);
	if (err == -EALREADY && reap->phase != REAP_OVER)
		reap_end(reap, VERDICT_LEFT, REASON_IN_WORK, NULL);
	if (err == -ENOMEM)
		return err;
	return account_book_join(
		conf->book, record->account, deleted_ms * US_PER_MS, clock_wall_us()
	);
}

static void leave(const struct swift_config *conf, struct reap *reap) {
	if (reap != NULL)
		in_work_leave(conf->in_work, reap->place);
	reap_free(reap);
}

static int load(const void *config, struct work *work, struct finding *why) {
	const struct swift_config *conf = config;
	const struct reap_rule rule = {
		.takes_half_undeleted = conf->reap_half_undeleted,
		.takes_absent = conf->reap_absent,
	};
	struct container_record record;
	struct reap *reap = NULL;
	int err = container_record_read(&record, work->candidate);

	(void)why;
	if (err == 0)
		err = reap_new(&reap, conf->cluster, &rule, &record);
	if (err == 0)
		err = enter(conf, reap, work->candidate->at);
	if (err < 0) {
		leave(conf, reap);
		return err;
	}
	work->state = reap;
	work->counted = true;
	return 0;
}

static void ended(const void *config, const struct work *work) {
	const struct swift_config *conf = config;
	const struct reap *reap = work->state;
	int64_t objects = reap->counts.objects[REAPED_DELETED];

	if (reap->outcome.verdict == VERDICT_LEFT && reap->outcome.reason == REASON_LIVE &&
	    objects > 0)
		account_book_warn(
			conf->book,
			"Account %.*s was undeleted while it was reaped: %" PRId64
			" objects of its container '%s' were deleted before that was seen",
			(int)reap->record.account.len,
			reap->record.account.bytes,
			objects,
			work->candidate->id
		);
	if (reap->counts.absent > 0)
		account_book_warn(
			conf->book,
			"No server has %" PRId64 " of the listed objects of container '%s'",
			reap->counts.absent,
			work->candidate->id
		);
	account_book_enter(conf->book, reap->record.account, &reap->counts, clock_wall_us());
}

static int64_t gone_along(const void *config, const struct work *work) {
	const struct reap *reap = work->state;

	(void)config;
	return reap->counts.objects[REAPED_DELETED];
}

static bool tell(const void *config, bool *is_warning, char *out, size_t out_bytes) {
	const struct swift_config *conf = config;

	return account_book_take_line(conf->book, is_warning, out, out_bytes);
}

static void unload(const void *config, struct work *work) {
	leave(config, work->state);
	work->state = NULL;
}

// It goes on behind the last page whose objects were all seen to.
static bool rest(const void *config, const struct work *work, struct candidate *copy) {
	struct reap *reap = work->state;
	struct container_record record;
	unsigned char *data;

	(void)config;
	if (!reap_rest(reap, &record) ||
	    container_record_pack(&record, &data, &copy->data_bytes) < 0)
		return false;
	free(reap->rest);
	reap->rest = copy->data = data;
	return true;
}

static void hand_on(const struct work_pair *pair) {
	struct reap *reap = pair->work->state;
	struct finding *finding = &pair->out->finding;

	pair->out->rows.removed = reap->is_deleted;
	finding->verdict = reap->outcome.verdict;
	finding->reason = reap->outcome.reason;
	if (reap->outcome.words != NULL)
		finding_say(finding, "%s", reap->outcome.words);
}

static int remove_all(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	(void)config;
	(void)handle;
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].out->finding.verdict != VERDICT_DONE)
			hand_on(&pairs[i]);
	}
	return 0;
}

// The rings of all that it may have to delete can be read.
static int prove(const void *config, struct handle *handle, char *words, size_t words_bytes) {
	const struct swift_config *conf = config;
	struct shelf_ring *ring;
	int err = 0;

	(void)handle;
	for (int kind = CLUSTER_ACCOUNT; err == 0 && kind <= CLUSTER_CONTAINER; kind++) {
		err = cluster_take_ring(
			conf->cluster, (enum cluster_ring)kind, 0, &ring, words, words_bytes
		);
		if (err == 0)
			shelf_give_back(ring);
	}
	if (err == 0)
		words[0] = '\0';
	return err;
}

static const char *plan(const void *config, const struct work *work, const char **where) {
	(void)config;
	(void)work;
	*where = NULL;
	return "empty and delete containers";
}

const struct target_remover swift_remover = {
	.batch_max = 16,
	.rows_max = CONTAINERS_IN_WORK,
	.load = load,
	.unload = unload,
	.ended = ended,
	.gone_along = gone_along,
	.tell = tell,
	.rest = rest,
	.remove = remove_all,
	.prove = prove,
	.plan = plan,
};
