// SPDX-License-Identifier: MPL-2.0
// reap_plan: which requests come next for a container, and how they are made.
#include "common/targets/swift/reaping/reap_plan.h"

#include "common/base/buf.h"
#include "common/target/target_calls.h"
#include "common/targets/swift/backend/backend_request.h"
#include "common/targets/swift/backend/backend_url.h"
#include "common/targets/swift/backend/object_page.h"
#include "common/targets/swift/reaping/deletes.h"
#include "common/targets/swift/reaping/probe.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/reaping/sources.h"

#include <errno.h>

enum { SHORT_PAGE = 250 };

static int plan(int64_t id, const struct ring_device *device, struct call_plan *out) {
	out->id = id;
	return backend_origin(device, out->origin, sizeof(out->origin)) < 0 ? -EINVAL : 1;
}

// One server is asked, and then perhaps another one.
static int next_of_one(const struct reap *reap, size_t index, int64_t id, struct call_plan *out) {
	return index > 0 ? 0 : plan(id, reap_site(reap)->devices[reap->asked], out);
}

static int next_of_container(const struct reap *reap, size_t index, struct call_plan *out) {
	for (size_t i = 0; i < reap->container.count; i++) {
		if ((reap->verdicts.answered >> i & 1) == 0 && index-- == 0)
			return plan(
				REAP_ID_CONTAINER + (int64_t)i, reap->container.devices[i], out
			);
	}
	return 0;
}

int reap_plan_next(const struct reap *reap, size_t index, struct call_plan *out) {
	struct open_delete open;

	switch (reap->phase) {
	case REAP_ASK:
		return next_of_one(reap, index, REAP_ID_ASK, out);
	case REAP_LIST:
		return next_of_one(reap, index, REAP_ID_LIST, out);
	case REAP_SHARDS:
		return next_of_one(reap, index, REAP_ID_SHARDS, out);
	case REAP_PROBE:
		return index > 0
			? 0
			: plan(REAP_ID_PROBE, reap->probed.devices[reap->probe.server], out);
	case REAP_OBJECTS:
		if (!deletes_at(reap->deletes, index, &open))
			return 0;
		return plan(REAP_ID_OBJECTS + open.id, open.place.device, out);
	case REAP_CONTAINER:
		return next_of_container(reap, index, out);
	case REAP_OVER:
		break;
	}
	return 0;
}

static struct updates tells(const char *kind, const struct cluster_site *site) {
	return (struct updates){
		.kind = kind,
		.partition = site->partition,
		.devices = site->devices,
		.count = site->count,
	};
}

static int make_object(const struct reap *reap, int64_t id, struct http_request *out) {
	const struct source *source = sources_at(&reap->sources);
	struct backend_delete what = {
		.names = {reap->record.account, reap->record.container},
		.stamp_us = reap->stamp_us,
		.tells = tells("Container", &reap->listed),
	};
	struct open_delete open;

	if (!deletes_find(reap->deletes, id - REAP_ID_OBJECTS, &open))
		return -EINVAL;
	what.place = open.place;
	what.names[2] = open.object;
	what.index = open.index;
	what.requests = open.requests;
	if (source->is_shard) {
		what.told[0] = source->account;
		what.told[1] = source->container;
	}
	what.next_part_power = deletes_next_part_power(reap->deletes);
	return backend_delete_object(out, &what, reap->policy);
}

static int make_container(const struct reap *reap, size_t index, struct http_request *out) {
	return backend_delete_container(
		out,
		&(struct backend_delete){
			.place = {reap->container.devices[index], reap->container.partition},
			.names = {reap->record.account, reap->record.container},
			.stamp_us = reap->stamp_us,
			.index = index,
			.requests = reap->container.count,
			.tells = tells("Account", &reap->account),
		}
	);
}

static int make_ask(const struct reap *reap, struct http_request *out) {
	const struct backend_place place = {
		reap->account.devices[reap->asked], reap->account.partition};

	return backend_head_account(out, &place, &reap->record.account);
}

static int make_list(const struct reap *reap, int64_t id, struct http_request *out) {
	const struct source *source = sources_at(&reap->sources);
	const struct backend_list list = {
		.place = {reap->listed.devices[reap->asked], reap->listed.partition},
		.account = source->account,
		.container = source->container,
		.marker = {buf_text(&reap->marker), reap->marker.len},
		.limit = reap->wants_short_page ? SHORT_PAGE : 0,
		.policy = source->policy,
		.body_bytes_most = REAP_BODY_BYTES_MOST,
	};

	return id == REAP_ID_LIST ? backend_list(out, &list) : backend_list_shards(out, &list);
}

static int make_probe(const struct reap *reap, struct http_request *out) {
	const struct backend_place place = {
		reap->probed.devices[reap->probe.server], reap->probed.partition};
	struct name_part names[] = {reap->record.account, reap->record.container, {NULL, 0}};
	size_t object;

	if (!probe_at(&reap->probe, &object))
		return -EINVAL;
	names[2] = object_page_at(deletes_page(reap->deletes), object);
	return backend_head_object(out, &place, names, reap->policy);
}

int reap_plan_make(const struct reap *reap, int64_t id, struct http_request *out) {
	if (id == REAP_ID_ASK)
		return make_ask(reap, out);
	if (id == REAP_ID_LIST || id == REAP_ID_SHARDS)
		return make_list(reap, id, out);
	if (id == REAP_ID_PROBE)
		return make_probe(reap, out);
	if (id < REAP_ID_OBJECTS)
		return make_container(reap, (size_t)(id - REAP_ID_CONTAINER), out);
	return make_object(reap, id, out);
}
