// SPDX-License-Identifier: MPL-2.0
// tour: a pass over the devices of this node, as far as it has come.
//
// Source: AccountReaper.run_once and reap_account of Swift 2.38.3.
#include "common/targets/swift/scan/tour.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/swift/account/account_db.h"
#include "common/targets/swift/account/account_places.h"
#include "common/targets/swift/account/account_time.h"
#include "common/targets/swift/account/device_mount.h"
#include "common/targets/swift/book/account_book.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/record/container_record.h"
#include "common/targets/swift/ring/name_hash.h"
#include "common/targets/swift/scan/account_head.h"
#include "common/targets/swift/scan/doubt.h"
#include "common/targets/swift/scan/local_ips.h"
#include "common/targets/swift/scan/own_shards.h"
#include "common/targets/swift/scan/visit.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTAINERS_AT_ONCE = 1000,
	WORDS_BYTES = 800,
	US_PER_MS = 1000,
};

// The account whose containers are read.
struct stop {
	struct account_place place;
	struct own_shard shard;
	struct visit visit;
	// The name of the last container that was read.
	struct buf after;
	bool is_set;
};

struct tour {
	const struct swift_config *config;
	struct cluster *cluster;
	struct shelf_ring *ring;
	struct own_shards *shards;
	struct account_head *head;
	struct dirent **devices;
	int device_count, device_next;
	char device[256]; // the one that it is on
	struct account_places *places; // NULL: between two devices
	struct stop stop;
	struct visit_setup visit;
	struct container_moment moment;
	struct page *page; // that is filled now
	int64_t began_us;
	bool is_scan_only, is_told; // that it is completed
	struct doubt doubt;
};

// --- begin and end

static int read_shards(struct tour *tour, char *error, size_t error_bytes) {
	struct local_ips ips = {.count = 0};
	int err = local_ips_read(&ips, tour->config->bind_ip);

	if (err < 0) {
		snprintf(
			error,
			error_bytes,
			err == -EINVAL ? "'--bind-ip' is '%.60s', which is no address"
				       : "cannot ask for the addresses of this machine (%.60s)",
			tour->config->bind_ip
		);
		return err == -ENOMEM ? err : -EPERM;
	}
	tour->shards = own_shards_new(shelf_ring_of(tour->ring), &ips, tour->config->port);
	local_ips_free(&ips);
	return tour->shards == NULL ? -ENOMEM : 0;
}

static int read_devices(struct tour *tour, char *error, size_t error_bytes) {
	tour->device_count = scandir(tour->config->devices, &tour->devices, NULL, alphasort);
	if (tour->device_count >= 0)
		return 0;
	tour->devices = NULL;
	snprintf(
		error,
		error_bytes,
		"cannot read the devices in '%.300s': %s; check --devices",
		tour->config->devices,
		strerror(errno)
	);
	return -EPERM;
}

static int prepare(struct tour *tour, char *error, size_t error_bytes) {
	const struct swift_config *config = tour->config;
	int err;

	tour->cluster = cluster_new(config->swift_dir, &config->cluster_conf);
	if (tour->cluster == NULL)
		return -ENOMEM;
	err = cluster_take_ring(tour->cluster, CLUSTER_ACCOUNT, 0, &tour->ring, error, error_bytes);
	if (err < 0)
		return err == -ENOMEM ? err : -EPERM;
	err = read_shards(tour, error, error_bytes);
	if (err == 0)
		err = read_devices(tour, error, error_bytes);
	return err == 0 ? account_head_open(&tour->head) : err;
}

int tour_open(
	struct tour **out,
	const struct swift_config *config,
	const struct pass *pass,
	char *error,
	size_t error_bytes
) {
	struct tour *tour = calloc(1, sizeof(*tour));
	int err;

	if (tour == NULL)
		return -ENOMEM;
	tour->config = config;
	tour->is_scan_only = pass->wish.scan_only;
	tour->began_us = clock_wall_us();
	account_book_clear(config->book);
	buf_init(&tour->stop.after, 0);
	err = prepare(tour, error, error_bytes);
	if (err < 0) {
		tour_close(tour);
		return err;
	}
	tour->moment.seen_ms = pass->wish.started_wall_ms;
	tour->visit = (struct visit_setup){
		.cluster = tour->cluster,
		.ring = tour->ring,
		.head = tour->head,
		.terms = {.delay_s = config->delay_s, .warn_after_s = config->warn_after_s},
		.takes_half_undeleted = config->reap_half_undeleted,
	};
	*out = tour;
	return 0;
}

void tour_close(struct tour *tour) {
	if (tour == NULL)
		return;
	account_places_close(tour->places);
	for (int i = 0; i < tour->device_count; i++)
		free(tour->devices[i]);
	free(tour->devices);
	account_head_close(tour->head);
	own_shards_free(tour->shards);
	shelf_give_back(tour->ring);
	cluster_free(tour->cluster);
	buf_fini(&tour->stop.after);
	free(tour);
}

// --- from device to device

static bool wants(void *ctx, uint32_t partition) {
	const struct tour *tour = ctx;
	struct own_shard shard;

	return own_shards_find(tour->shards, tour->device, partition, &shard);
}

static void tell_trouble(void *ctx, const char *path, int err) {
	const struct tour *tour = ctx;

	page_note(tour->page, PAGE_TROUBLE, "'%.400s' cannot be read: %s", path, strerror(-err));
}

// Is this device one to look at? What is no device is passed over in silence, as the reaper does.
static bool is_here(const struct tour *tour, const char *path) {
	if (!device_mount_is_name(tour->device))
		return false;
	if (tour->config->is_mount_checked && !device_mount_is_mounted(path)) {
		account_book_note_error(tour->config->book);
		page_note(tour->page, PAGE_WARNING, "Skipping: %.300s is not mounted", path);
		return false;
	}
	if (own_shards_has(tour->shards, tour->device))
		return true;
	page_note(
		tour->page,
		PAGE_WARNING,
		"'%.300s' is no device of this node in the account ring (bind_ip %.60s, bind_port "
		"%d): its accounts are not looked at",
		path,
		tour->config->bind_ip,
		(int)tour->config->port
	);
	return false;
}

static int enter_device(struct tour *tour) {
	const char *name = tour->devices[tour->device_next++]->d_name;
	char path[ACCOUNT_PATH_BYTES];

	if (strlen(name) >= sizeof(tour->device) || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return 0;
	snprintf(tour->device, sizeof(tour->device), "%s", name);
	if (snprintf(path, sizeof(path), "%s/%s", tour->config->devices, name) >=
		    (int)sizeof(path) ||
	    !is_here(tour, path))
		return 0;
	return account_places_open(
		&tour->places,
		&(struct account_places_setup){
			.device = path, .wants = wants, .trouble = tell_trouble, .ctx = tour}
	);
}

// --- from account to account

static struct name_part account_of(const struct tour *tour) {
	const struct account_info *info = &tour->stop.visit.info;

	return (struct name_part){info->name, info->name_len};
}

static int begin_account(struct tour *tour) {
	const struct visit *visit = &tour->stop.visit;
	char iso[ACCOUNT_TIME_ISO_BYTES];

	page_note(tour->page, PAGE_INFO, "Beginning pass on account %.300s", visit->info.name);
	// Others reap it, and may do so no more; here the line behind its containers tells of it.
	if (visit->is_overdue && tour->is_scan_only) {
		account_time_iso(visit->deleted_us, iso);
		page_note(
			tour->page,
			PAGE_WARNING,
			"Account %.300s has not been reaped since %s",
			visit->info.name,
			iso
		);
	}
	tour->moment.deleted_ms = visit->deleted_us / US_PER_MS;
	buf_clear(&tour->stop.after);
	tour->stop.is_set = true;
	return account_book_open(
		tour->config->book, account_of(tour), visit->deleted_us, clock_wall_us()
	);
}

static int visit_account(struct tour *tour) {
	struct stop *stop = &tour->stop;
	struct page *page = tour->page;
	enum visit_outcome outcome;
	int err;

	// The ring said so before the partition was entered.
	if (!own_shards_find(tour->shards, tour->device, stop->place.partition, &stop->shard))
		return 0;
	tour->visit.terms.now_us = clock_wall_us();
	err = visit_make(&tour->visit, &stop->place, stop->shard.device, &outcome, &stop->visit);
	if (err < 0)
		return err;
	doubt_note(&tour->doubt, outcome, &stop->visit);
	switch (outcome) {
	case VISIT_LEFT:
		break;
	case VISIT_YOUNG:
		page->left[REASON_YOUNG]++;
		break;
	case VISIT_SEEN:
		page->left[REASON_LIVE]++;
		page_note(page, PAGE_WARNING, "%s", stop->visit.words);
		break;
	case VISIT_TROUBLE:
	case VISIT_WRONG_HASH:
	case VISIT_WRONG_RING:
		page_note(page, PAGE_TROUBLE, "%s", stop->visit.words);
		break;
	case VISIT_DUE:
		return begin_account(tour);
	}
	return 0;
}

// --- from container to container

static int put_container(void *ctx, struct name_part name) {
	struct tour *tour = ctx;
	struct stop *stop = &tour->stop;
	const struct name_part account = account_of(tour);
	uint32_t shard;
	int err = name_shard(&shard, name, stop->shard.nodes);

	if (err < 0)
		return err;
	tour->page->rows++;
	buf_clear(&stop->after);
	buf_add(&stop->after, name.bytes, name.len);
	if (stop->after.error != 0)
		return -ENOMEM;
	if (shard != stop->shard.shard && !tour->config->all_shards)
		return 0;
	account_book_put(tour->config->book, account);
	return container_record_put(tour->page, &tour->moment, &account, &name);
}

// A page of an account that goes away meanwhile is the next pass's.
static int read_containers(struct tour *tour) {
	struct stop *stop = &tour->stop;
	struct account_db *db;
	char words[WORDS_BYTES];
	int count = account_db_open(&db, stop->place.path, words, sizeof(words));

	if (count == 0) {
		const struct name_part after = {buf_text(&stop->after), stop->after.len};

		count = account_db_containers(db, after, CONTAINERS_AT_ONCE, put_container, tour);
		if (count < 0)
			snprintf(words, sizeof(words), "%s", account_db_error(db));
		account_db_close(db);
	}
	if (count == -ENOMEM)
		return count;
	if (count < 0)
		page_note(
			tour->page,
			PAGE_TROUBLE,
			"'%.180s': its containers cannot be read: %.180s",
			stop->place.path,
			words
		);
	stop->is_set = count == CONTAINERS_AT_ONCE;
	if (!stop->is_set)
		account_book_close(tour->config->book, account_of(tour), clock_wall_us());
	return 0;
}

// --- all of it

// One step. 0, or -EAGAIN: it took its time.
static int step(struct tour *tour) {
	int found;

	if (tour->stop.is_set)
		return read_containers(tour);
	if (tour->places == NULL)
		return enter_device(tour);
	found = account_places_next(tour->places, &tour->stop.place);
	if (found < 0)
		return found;
	if (found > 0)
		return visit_account(tour);
	account_places_close(tour->places);
	tour->places = NULL;
	return 0;
}

static bool is_over(const struct tour *tour) {
	return !tour->stop.is_set && tour->places == NULL &&
		tour->device_next >= tour->device_count;
}

int tour_walk(struct tour *tour, struct page *page, size_t most, char *error, size_t error_bytes) {
	char line[WORDS_BYTES];
	bool is_warning = false;
	int err = 0;

	tour->page = page;
	while (account_book_take_line(tour->config->book, &is_warning, line, sizeof(line)))
		page_note(page, is_warning ? PAGE_WARNING : PAGE_INFO, "%s", line);
	while (err == 0 && page->count < most && !is_over(tour))
		err = step(tour);
	page->end_of_pass = is_over(tour);
	if (err < 0 && err != -EAGAIN)
		return err;
	return page->end_of_pass ? doubt_end(&tour->doubt, error, error_bytes) : 0;
}

bool tour_take_line(struct tour *tour, bool *is_warning, char *out, size_t out_bytes) {
	if (account_book_take_line(tour->config->book, is_warning, out, out_bytes))
		return true;
	if (tour->is_told)
		return false;
	tour->is_told = true;
	snprintf(
		out,
		out_bytes,
		"Devices pass completed: %.02fs",
		(double)(clock_wall_us() - tour->began_us) / (US_PER_MS * 1000.0)
	);
	return true;
}
