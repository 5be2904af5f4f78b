// SPDX-License-Identifier: MPL-2.0
// reap_page: the objects of one page of a container: looked for, and deleted.
#include "common/targets/swift/reaping/reap_page.h"

#include "common/base/buf.h"
#include "common/targets/swift/backend/object_page.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/reaping/deletes.h"
#include "common/targets/swift/reaping/probe.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/reaping/sources.h"

#include <inttypes.h>
#include <stdio.h>

enum { WORDS_BYTES = 300 };

void reap_leave_page(struct reap *reap) {
	struct name_part last = deletes_last(reap->deletes);

	buf_clear(&reap->marker);
	buf_add(&reap->marker, last.bytes, last.len);
	reap->remaining += deletes_remaining(reap->deletes);
	deletes_free(reap->deletes);
	reap->deletes = NULL;
	if (reap->marker.error != 0)
		reap_end_for_memory(reap);
	else
		reap_enter_ask(reap);
}

static void enter_deletes(struct reap *reap) {
	struct open_delete open;

	cluster_leave(&reap->probed);
	reap->phase = REAP_OBJECTS;
	if (!deletes_at(reap->deletes, 0, &open))
		reap_leave_page(reap);
}

// The page is not touched: what a DELETE does not find leaves the listing all the same.
static void end_for_absence(struct reap *reap) {
	char words[WORDS_BYTES];

	cluster_leave(&reap->probed);
	snprintf(
		words,
		sizeof(words),
		"%zu of %zu listed objects are on none of their servers: is the object ring of "
		"policy %" PRId64 " the one of this cluster? If it is: --reap-absent",
		reap->probe.unknown,
		reap->probe.known + reap->probe.unknown,
		reap->policy
	);
	reap->counts.objects[REAPED_REMAINING] += (int64_t
	)object_page_count(deletes_page(reap->deletes));
	deletes_free(reap->deletes);
	reap->deletes = NULL;
	reap_end_round(reap, REASON_BLOCKED, words);
}

void reap_go_on_probing(struct reap *reap) {
	struct shelf_ring *ring = deletes_ring(reap->deletes);
	struct name_path path = {reap->record.account, reap->record.container, {NULL, 0}};
	size_t object;

	while (probe_at(&reap->probe, &object)) {
		path.object = object_page_at(deletes_page(reap->deletes), object);
		cluster_leave(&reap->probed);
		if (cluster_locate(reap->cluster, shelf_again(ring), &path, &reap->probed) == 0)
			return;
		probe_take(&reap->probe, PROBE_SILENT, 1);
	}
	if (probe_is_good(&reap->probe))
		enter_deletes(reap);
	else
		end_for_absence(reap);
}

void reap_enter_objects(struct reap *reap, struct object_page *page) {
	struct deletes_setup setup = {
		.cluster = reap->cluster,
		.account = &reap->record.account,
		.container = &reap->record.container,
		.page = page,
		.counts = &reap->counts,
		.is_retiring = sources_at(&reap->sources)->is_retiring,
	};
	char words[WORDS_BYTES];
	int err;

	err = cluster_take_ring(
		reap->cluster, CLUSTER_OBJECT, reap->policy, &setup.ring, words, sizeof(words)
	);
	if (err < 0) {
		reap->counts.objects[REAPED_REMAINING] += (int64_t)object_page_count(page);
		reap->counts.replies[REAPED_REMAINING] += (int64_t)object_page_count(page);
		object_page_free(page);
		reap_end(reap, VERDICT_POSTPONED, REASON_FILES, words);
		return;
	}
	err = deletes_new(&reap->deletes, &setup);
	if (err < 0) {
		reap_end_for_memory(reap);
		return;
	}
	probe_begin(&reap->probe, object_page_count(page));
	reap->phase = REAP_PROBE;
	if (reap->rule.takes_absent || shelf_is_proved(setup.ring))
		enter_deletes(reap);
	else
		reap_go_on_probing(reap);
}
