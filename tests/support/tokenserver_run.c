// SPDX-License-Identifier: MPL-2.0
// tokenserver_run.c: a pass of the target on a private database, and its candidates as tasks.
#include "support/tokenserver_run.h"

#include "common/base/clock.h"
#include "common/page.h"
#include "common/target/finding.h"
#include "common/target/target_remover.h"
#include "common/target/target_scanner.h"
#include "common/targets/tokenserver/tokenserver.h"
#include "support/mariadb.h"
#include "support/test.h"
#include "support/tokenserver.h"

#include <stdlib.h>
#include <string.h>

static const struct target *const target = &target_tokenserver;

int world_start(void **state) {
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->server = mariadb_start();
	*state = world;
	return 0;
}

int world_stop(void **state) {
	struct world *world = *state;

	mariadb_stop(world->server);
	free(world);
	return 0;
}

int world_begin(void **state) {
	struct world *world = *state;

	mariadb_create_tokenserver(world->server);
	tokenserver_add_node(world->server, 1, "https://n1", false);
	tokenserver_add_node(world->server, 2, "https://n2", true);
	world_open(world, mariadb_url(world->server, "tokenserver"));
	assert_int_equal(handle_open(world->handle), 0);
	world->config = (struct tokenserver_config){.grace_ms = 24LL * HOUR_MS};
	world->old_ms = clock_wall_ms() - 48LL * HOUR_MS;
	world->young_ms = clock_wall_ms() - 12LL * HOUR_MS;
	return 0;
}

int world_end(void **state) {
	struct world *world = *state;

	handle_free(world->handle);
	world->handle = NULL;
	return 0;
}

void world_open(struct world *world, const char *url) {
	char error[512];

	handle_free(world->handle);
	world->handle = NULL;
	if (handle_new(&world->handle, HANDLE_DB, url, error, sizeof(error)) < 0)
		fail_msg("%s", error);
}

void world_add(
	struct world *world, int64_t uid, const char *email, int64_t replaced_at, int64_t nodeid
) {
	tokenserver_add_user(
		world->server,
		&(struct tokenserver_user){
			.uid = uid,
			.email = email,
			.client_state = "aabb",
			.generation = 5,
			.replaced_at = replaced_at,
			.nodeid = nodeid,
		}
	);
}

static void load_page(struct run *run, struct page *page) {
	for (int i = 0; i < REASON_COUNT; i++)
		run->left[i] += page->left[i];
	run->rows += page->rows;
	for (struct candidate *candidate = page_take(page); candidate != NULL;) {
		struct task *task = &run->tasks[run->count];

		assert_true(run->count < TASKS_MAX);
		task->candidate = candidate;
		task->work.candidate = candidate;
		task->work.judged = (struct judged){candidate->checked_mono_ms, candidate->seen_ms};
		assert_int_equal(
			target->remover->load(
				&run->world->config, &task->work, &task->result.finding
			),
			0
		);
		run->pairs[run->count++] = (struct work_pair){&task->work, &task->result};
		candidate = candidate->next;
	}
}

struct run *run_scan(struct world *world, const struct pass *pass) {
	struct run *run = calloc(1, sizeof(*run));
	bool end = false;

	assert_non_null(run);
	run->world = world;
	run->pass = *pass;
	run->pass.wish.started_wall_ms = clock_wall_ms();
	if (target->scanner->begin(&world->config, world->handle, &run->pass) < 0)
		fail_msg("%s", run->pass.facts.error);
	while (!end) {
		struct page page;

		page_init(&page);
		assert_int_equal(
			target->scanner->page(&world->config, world->handle, &run->pass, &page), 0
		);
		load_page(run, &page);
		end = page.end_of_pass;
		assert_int_equal(page.end_of_stage, end);
		page_fini(&page);
	}
	target->scanner->end(&world->config, &run->pass);
	assert_null(run->pass.facts.scan);
	return run;
}

void run_free(struct run *run) {
	for (size_t i = 0; i < run->count; i++) {
		target->remover->unload(&run->world->config, &run->tasks[i].work);
		finding_clear(&run->tasks[i].result.finding);
		candidate_free(run->tasks[i].candidate);
	}
	free(run);
}

struct run *run_scan_all(struct world *world) {
	return run_scan(world, &(struct pass){.wish = {.page_rows = 10}});
}

static const struct work_pair *find_pair(const struct run *run, int64_t uid) {
	for (size_t i = 0; i < run->count; i++) {
		if (run->tasks[i].candidate->key == uid)
			return &run->pairs[i];
	}
	fail_msg("no candidate %lld", (long long)uid);
	return NULL;
}

struct work *run_find(const struct run *run, int64_t uid) {
	return find_pair(run, uid)->work;
}

struct work_result *run_result(const struct run *run, int64_t uid) {
	return find_pair(run, uid)->out;
}

const struct state *run_state(const struct run *run, int64_t uid) {
	return run_find(run, uid)->state;
}

void run_assert_fate(const struct run *run, int64_t uid, enum verdict verdict, enum reason reason) {
	const struct finding *finding = &run_result(run, uid)->finding;

	if (finding->verdict != verdict || finding->reason != reason)
		fail_msg(
			"%lld: %s %s",
			(long long)uid,
			verdict_name(finding->verdict),
			reason_name(finding->reason)
		);
}

static void forget_results(struct run *run) {
	for (size_t i = 0; i < run->count; i++) {
		finding_clear(&run->pairs[i].out->finding);
		*run->pairs[i].out = (struct work_result){.finding = {.verdict = VERDICT_GO}};
	}
}

void run_check(struct run *run) {
	const struct target_remover *remover = target->remover;

	forget_results(run);
	assert_int_equal(
		remover->check(&run->world->config, run->world->handle, run->pairs, run->count), 0
	);
	for (size_t i = 0; i < run->count; i++) {
		run->pairs[i].work->judged = run->pairs[i].out->judged;
		run->pairs[i].work->counted = run->pairs[i].out->counted;
	}
}

void run_remove(struct run *run) {
	const struct target_remover *remover = target->remover;

	forget_results(run);
	assert_int_equal(
		remover->remove(&run->world->config, run->world->handle, run->pairs, run->count), 0
	);
}

void run_defer(struct run *run) {
	const struct target_remover *remover = target->remover;

	forget_results(run);
	assert_int_equal(
		remover->defer(&run->world->config, run->world->handle, run->pairs, run->count), 0
	);
}

struct run *run_replay(struct world *world) {
	struct run *run = run_scan_all(world);

	for (size_t i = 0; i < run->count; i++)
		run->tasks[i].candidate->origin.is_replayed = true;
	mariadb_sql(world->server, "DELETE FROM users WHERE replaced_at IS NOT NULL");
	return run;
}

void run_assert_refused(const struct run *run, int64_t uid, const char *words) {
	run_assert_fate(run, uid, VERDICT_FAILED, REASON_UNKNOWN);
	assert_non_null(strstr(finding_words(&run_result(run, uid)->finding), words));
}
