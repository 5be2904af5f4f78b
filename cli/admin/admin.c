// SPDX-License-Identifier: MPL-2.0
// admin: the endpoint of `--admin`.
#include "cli/admin/admin.h"

#include "cli/admin/address.h"
#include "cli/admin/numbers.h"
#include "cli/admin/pages.h"
#include "cli/admin/past.h"
#include "cli/admin/server.h"
#include "cli/front/front.h"
#include "cli/front/orders.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/monitor.h"
#include "common/base/wake.h"
#include "common/target/target.h"
#include "common/target/target_front.h"
#include "producer/outbox/publisher.h"
#include "producer/producer.h"
#include "producer/reach.h"
#include "worker/intake/source.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	STILL_MS = 15 * 1000,
	COPY_EVERY_MS = 250,
	CONNECTIONS = 16,
	PER_ADDRESS = 8,
	REQUEST_BYTES = 8 * 1024,
	IDLE_S = 3,
	AGE_MS = 5 * 1000,
};

struct admin {
	struct admin_setup setup;
	struct numbers_of of;
	struct server *server;
	int64_t started_ms; // Unix time
	atomic_int_fast64_t stepped_ms; // the loop's last step, monotonic
	atomic_bool pass_running;
	// Bits by enum page_wish, which the server sets and the loop takes.
	atomic_uint wishes;
	int wake_fd;
	// The loop's.
	struct past past;
	int64_t copied_ms;
	struct letter_numbers letters;
	bool has_letters;
	struct numbers taken;
	// The server's.
	struct numbers read;
	struct monitor monitor; // guards what follows
	struct numbers shown;
};

// --- on the server's thread

static void answer(void *ctx, const struct page_request *request, struct page_answer *out) {
	struct admin *admin = ctx;
	int64_t idle_ms = clock_mono_ms() - atomic_load(&admin->stepped_ms);
	const struct page_facts facts = {
		.numbers = &admin->read,
		.of = &admin->of,
		.still_ms = STILL_MS,
		.now_wall_ms = clock_wall_ms(),
		.has_trigger = admin->setup.has_trigger,
		.short_pass = admin->setup.front->target->front->short_pass,
		.is_pass_running = atomic_load(&admin->pass_running),
	};

	monitor_lock(&admin->monitor);
	admin->read = admin->shown;
	monitor_unlock(&admin->monitor);
	admin->read.idle_ms = idle_ms > 0 ? idle_ms : 0;
	pages_answer(request, &facts, out);
	if (out->wish == PAGE_WISH_NOTHING)
		return;
	atomic_fetch_or(&admin->wishes, 1U << out->wish);
	wake_ring(admin->wake_fd);
}

// --- on the loop's thread

static void look_at_scan(struct admin *admin) {
	bool is_running = *admin->setup.pass_running;
	struct numbers *numbers = &admin->taken;
	struct pass_report report;

	if (admin->setup.is_standby != NULL && *admin->setup.is_standby)
		past_stand_by(&admin->past);
	if (is_running)
		producer_peek(*admin->setup.producer, &report);
	numbers->parts |= NUMBERS_SCAN;
	past_add_scan(&admin->past, is_running ? &report : NULL, &numbers->scan);
}

static void look_at_publisher(struct admin *admin) {
	bool is_running = *admin->setup.pass_running;
	struct numbers *numbers = &admin->taken;
	struct publisher_counts counts;

	if (is_running)
		publisher_count(*admin->setup.publisher, &counts);
	numbers->parts |= NUMBERS_PUBLISHER;
	past_add_publisher(&admin->past, is_running ? &counts : NULL, &numbers->publisher);
	numbers->publisher.is_standby = *admin->setup.is_standby;
}

// The batch threads and the scan notice apart from each other.
static int64_t database(const struct admin_setup *setup, const struct numbers *numbers) {
	int64_t removing = numbers->worker.database;
	int64_t scanning = setup->producer == NULL || *setup->producer == NULL
		? NUMBER_UNKNOWN
		: reach_reaches(producer_reach(*setup->producer));

	if (removing == 0 || scanning == 0)
		return 0;
	return removing == 1 || scanning == 1 ? 1 : NUMBER_UNKNOWN;
}

static void look(struct admin *admin) {
	const struct admin_setup *setup = &admin->setup;
	struct numbers *numbers = &admin->taken;

	numbers_init(numbers);
	numbers->started_ms = admin->started_ms;
	numbers->is_paused = orders_rest(setup->orders);
	numbers->is_stopping = setup->orders->stopping;
	if (setup->worker != NULL && *setup->worker != NULL) {
		numbers->parts |= NUMBERS_WORKER;
		worker_look(*setup->worker, &numbers->worker);
	}
	if (setup->source != NULL && *setup->source != NULL) {
		numbers->parts |= NUMBERS_SOURCE;
		source_look(*setup->source, &numbers->source);
	}
	if (setup->producer != NULL && *setup->producer != NULL)
		look_at_scan(admin);
	if (setup->publisher != NULL && *setup->publisher != NULL)
		look_at_publisher(admin);
	if (admin->has_letters) {
		numbers->parts |= NUMBERS_LETTERS;
		numbers->letters = admin->letters;
	}
	numbers->database = database(setup, numbers);
	past_date(&admin->past, clock_wall_ms(), numbers);
}

static void show(struct admin *admin) {
	monitor_lock(&admin->monitor);
	admin->shown = admin->taken;
	monitor_unlock(&admin->monitor);
}

void admin_serve(struct admin *admin, int64_t now_ms) {
	if (admin == NULL)
		return;
	atomic_store(&admin->stepped_ms, now_ms);
	if (admin->setup.pass_running != NULL)
		atomic_store(&admin->pass_running, *admin->setup.pass_running);
	if (admin->taken.parts != 0 && now_ms - admin->copied_ms < COPY_EVERY_MS)
		return;
	admin->copied_ms = now_ms;
	look(admin);
	show(admin);
}

int admin_fd(const struct admin *admin) {
	return admin == NULL ? -1 : admin->wake_fd;
}

bool admin_take_trigger(struct admin *admin, bool *is_short) {
	unsigned wishes;

	if (admin == NULL || atomic_load(&admin->wishes) == 0)
		return false;
	// First, for what comes in between rings once more.
	wake_clear(admin->wake_fd);
	wishes = atomic_exchange(&admin->wishes, 0);
	*is_short = (wishes & 1U << PAGE_WISH_PASS) == 0;
	return true;
}

void admin_note_pass(
	struct admin *admin,
	const struct pass_report *report,
	const struct publisher_counts *counts,
	bool succeeded,
	int64_t duration_ms
) {
	if (admin != NULL)
		past_note_pass(
			&admin->past, report, counts, succeeded, duration_ms, clock_wall_ms()
		);
}

void admin_note_letters(struct admin *admin, const struct letter_numbers *letters) {
	if (admin == NULL)
		return;
	admin->letters = *letters;
	admin->has_letters = true;
}

// --- open and close

static const char *words_for(int err) {
	switch (err) {
	case -EADDRINUSE:
		return "the port is taken; give another one";
	case -EADDRNOTAVAIL:
		return "that is no address of this machine; give one that is, or only :PORT for "
		       "127.0.0.1";
	case -EACCES:
		return "no right to that port; give one from 1024 on";
	default:
		return strerror(-err);
	}
}

static int fail(const struct admin_setup *setup, int err) {
	char error[256];

	snprintf(error, sizeof(error), "--admin %s: %s", setup->address, words_for(err));
	return front_fail(err, error);
}

static void tell(const struct admin_setup *setup, const struct address *address) {
	LOG(setup->front->log,
	    address->is_loopback ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    address->is_loopback ? "the admin endpoint listens"
				 : "the admin endpoint listens where other machines reach it, "
				   "without encryption and for anybody",
	    log_str("address", setup->address));
}

static int open_server(struct admin *admin) {
	struct server_setup server = {
		.connections = CONNECTIONS,
		.per_address = PER_ADDRESS,
		.request_bytes = REQUEST_BYTES,
		.idle_s = IDLE_S,
		.age_ms = AGE_MS,
		.answer = answer,
		.ctx = admin,
	};
	int err = address_parse(admin->setup.address, &server.address);

	if (err == 0)
		admin->wake_fd = wake_open();
	if (err == 0 && admin->wake_fd < 0)
		err = admin->wake_fd;
	if (err == 0)
		err = server_open(&admin->server, &server);
	if (err == 0)
		tell(&admin->setup, &server.address);
	return err;
}

int admin_open(struct admin **out, const struct admin_setup *setup) {
	struct admin *admin;
	int err;

	*out = NULL;
	if (setup->address == NULL)
		return 0;
	admin = calloc(1, sizeof(*admin));
	if (admin == NULL)
		return fail(setup, -ENOMEM);
	admin->setup = *setup;
	admin->of = (struct numbers_of){
		.command = setup->command,
		.target = setup->front->target->name,
		.version = PURGEFLEET_VERSION,
	};
	admin->wake_fd = -1;
	admin->started_ms = clock_wall_ms();
	atomic_store(&admin->stepped_ms, clock_mono_ms());
	past_init(&admin->past);
	numbers_init(&admin->shown);
	monitor_init(&admin->monitor);
	err = open_server(admin);
	if (err < 0) {
		admin_close(admin);
		return fail(setup, err);
	}
	*out = admin;
	return 0;
}

void admin_close(struct admin *admin) {
	if (admin == NULL)
		return;
	server_close(admin->server);
	if (admin->wake_fd >= 0)
		close(admin->wake_fd);
	monitor_fini(&admin->monitor);
	free(admin);
}
