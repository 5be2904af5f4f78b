// SPDX-License-Identifier: MPL-2.0
// fake_target: a target without a database, for tests of the engine.
#include "support/fake_target.h"
#include "common/target/target_calls.h"
#include "common/target/target_front.h"
#include "common/target/target_remover.h"
#include "support/fake_scanner.h"

#include "common/base/clock.h"
#include "common/pack/pack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_state {
	int64_t done_count;
	struct pack *pack; // of the rest
	unsigned char done[]; // by call: it reached its goal
};

// A target's slots get the config as const; this one keeps a book in it.
static struct fake *fake_of(const void *config) {
	return (struct fake *)config;
}

static int64_t calls_each(const struct fake *fake) {
	return fake->calls_each == 0 ? 1 : fake->calls_each;
}

void fake_init(struct fake *fake) {
	pthread_mutex_init(&fake->lock, NULL);
	fake->removed = calloc((size_t)fake->count + 1, 1);
	fake->requested = calloc((size_t)(fake->count * calls_each(fake)) + 1, 1);
	if (fake->removed == NULL || fake->requested == NULL)
		abort();
}

void fake_fini(struct fake *fake) {
	free(fake->removed);
	free(fake->requested);
	pthread_mutex_destroy(&fake->lock);
}

int64_t fake_removed(struct fake *fake) {
	int64_t count;

	pthread_mutex_lock(&fake->lock);
	count = fake->removed_count;
	pthread_mutex_unlock(&fake->lock);
	return count;
}

static bool has_request(const struct fake *fake, int64_t key) {
	return fake->node_count > 0 && (fake->request_every == 0 || key % fake->request_every == 0);
}

// --- loop thread

static void read_rest(
	const struct fake *fake, struct fake_state *state, const struct candidate *candidate
) {
	struct unpack *unpack;
	const unsigned char *done;
	size_t len;

	if (unpack_open(&unpack, candidate->data, candidate->data_bytes) < 0)
		return; // begun by nobody
	if (unpack_bin(unpack, "done", &done, &len) == 0 && len == (size_t)calls_each(fake))
		memcpy(state->done, done, len);
	for (size_t i = 0; i < (size_t)calls_each(fake); i++)
		state->done_count += state->done[i];
	unpack_close(unpack);
}

static int fake_load(const void *config, struct work *work, struct finding *why) {
	const struct fake *fake = config;
	struct fake_state *state = calloc(1, sizeof(*state) + (size_t)calls_each(fake));

	(void)why;
	if (state == NULL)
		return -ENOMEM;
	work->state = state;
	work->counted = fake_of(config)->all_counted;
	read_rest(fake, state, work->candidate);
	return 0;
}

// Which calls are done already.
static bool fake_rest(const void *config, const struct work *work, struct candidate *copy) {
	struct fake_state *state = work->state;
	const unsigned char *data;

	if (state->done_count == 0)
		return false;
	state->pack = pack_new();
	if (state->pack == NULL)
		abort();
	pack_reset(state->pack, 1);
	pack_bin(state->pack, "done", state->done, (size_t)calls_each(config));
	if (pack_data(state->pack, &data, &copy->data_bytes) < 0)
		abort();
	copy->data = (unsigned char *)data;
	return true;
}

static void fake_unload(const void *config, struct work *work) {
	struct fake_state *state = work->state;

	(void)config;
	pack_free(state->pack);
	free(state);
	work->state = NULL;
}

static const char *node_of(const struct fake *fake, const struct work *work, int64_t id) {
	if (fake->on_route != NULL)
		return fake->nodes[fake->on_route(fake, work->candidate->key)];
	return fake->nodes[(size_t)(work->candidate->key + id) % fake->node_count];
}

// The index-th that is not done; calls_each: there are not so many.
static int64_t find_call(const struct fake *fake, const struct fake_state *state, size_t index) {
	int64_t id = 0;

	for (; id < calls_each(fake); id++) {
		if (!state->done[id] && index-- == 0)
			break;
	}
	return id;
}

static int fake_next(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	const struct fake *fake = config;
	const struct fake_state *state = work->state;

	(void)why;
	out->id = find_call(fake, state, index);
	if (out->id == calls_each(fake) || !has_request(fake, work->candidate->key))
		return 0;
	snprintf(out->origin, sizeof(out->origin), "%s", node_of(fake, work, out->id));
	return 1;
}

static int fake_make(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
) {
	const struct fake *fake = config;
	const char *node = node_of(fake, work, id);
	int64_t key = work->candidate->key;
	char url[128];

	(void)moment, (void)why;
	out->method = "DELETE";
	if (fake->calls_each == 0)
		snprintf(url, sizeof(url), "%s/%" PRId64, node, key);
	else
		snprintf(url, sizeof(url), "%s/%" PRId64 "/%" PRId64 "/", node, key, id);
	return http_request_url(out, url);
}

static void fake_take(
	const void *config,
	struct work *work,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io
) {
	struct fake *fake = fake_of(config);
	struct fake_state *state = work->state;

	if (fake->on_judge != NULL)
		fake->on_judge(fake, work, answer, io);
	if (io->verdict != VERDICT_GO)
		return;
	state->done_count += !state->done[id];
	state->done[id] = 1;
	pthread_mutex_lock(&fake->lock);
	fake->requested_twice += fake->requested[work->candidate->key * calls_each(fake) + id];
	fake->requested[work->candidate->key * calls_each(fake) + id] = 1;
	pthread_mutex_unlock(&fake->lock);
}

static bool fake_unsent(const void *config, struct work *work, int64_t id) {
	struct fake *fake = fake_of(config);
	struct fake_state *state = work->state;

	if (!fake->goes_on_unsent)
		return false;
	fake->unsent++;
	state->done_count += !state->done[id];
	state->done[id] = 1;
	// It counts as asked, by its own choice.
	pthread_mutex_lock(&fake->lock);
	fake->requested[work->candidate->key * calls_each(fake) + id] = 1;
	pthread_mutex_unlock(&fake->lock);
	return true;
}

static void fake_report(const void *config, struct metrics *metrics, const struct event *event) {
	struct fake *fake = fake_of(config);

	(void)metrics;
	pthread_mutex_lock(&fake->lock);
	fake->events[event->kind]++;
	pthread_mutex_unlock(&fake->lock);
}

// --- batch threads

static int fake_check(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	struct fake *fake = fake_of(config);
	int err = fake->on_check_batch == NULL ? 0 : fake->on_check_batch(fake);

	(void)handle;
	if (err < 0)
		return err;
	for (size_t i = 0; i < count; i++) {
		pairs[i].out->judged.mono_ms = clock_mono_ms();
		pairs[i].out->counted = pairs[i].work->counted;
		if (fake->on_check != NULL)
			fake->on_check(fake, &pairs[i]);
	}
	pthread_mutex_lock(&fake->lock);
	fake->checks += (int64_t)count;
	pthread_mutex_unlock(&fake->lock);
	return 0;
}

// Every call that it has reached its goal?
static bool was_asked(const struct fake *fake, int64_t key) {
	for (int64_t id = 0; id < calls_each(fake); id++)
		if (!fake->requested[key * calls_each(fake) + id])
			return false;
	return true;
}

static void take_note(struct fake *fake, const struct work *work) {
	int64_t key = work->candidate->key;

	fake->removed_twice += fake->removed[key];
	fake->removed_unasked += has_request(fake, key) && !was_asked(fake, key);
	fake->removed[key] = 1;
	fake->removed_count++;
}

static int fake_remove(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	struct fake *fake = fake_of(config);
	int err = fake->on_remove == NULL ? 0 : fake->on_remove(fake, pairs, count);

	(void)handle;
	if (err < 0)
		return err;
	pthread_mutex_lock(&fake->lock);
	for (size_t i = 0; i < count; i++) {
		struct work_result *out = pairs[i].out;

		if (out->finding.verdict == VERDICT_POSTPONED)
			continue;
		out->finding.verdict = VERDICT_DONE;
		out->rows.removed = pairs[i].work->candidate->key >= fake->gone_below;
		if (out->rows.removed > 0)
			take_note(fake, pairs[i].work);
	}
	pthread_mutex_unlock(&fake->lock);
	return 0;
}

static int fake_defer(
	const void *config, struct handle *handle, const struct work_pair *pairs, size_t count
) {
	struct fake *fake = fake_of(config);

	(void)handle;
	for (size_t i = 0; i < count; i++)
		pairs[i].out->finding.verdict = VERDICT_DONE;
	pthread_mutex_lock(&fake->lock);
	fake->deferred += (int64_t)count;
	pthread_mutex_unlock(&fake->lock);
	return 0;
}

static const struct target_front front = {
	.summary = "for tests",
	.metrics_prefix = "fake",
};

static const struct target_remover remover = {
	.load = fake_load,
	.unload = fake_unload,
	.rest = fake_rest,
	.check = fake_check,
	.remove = fake_remove,
	.defer = fake_defer,
};

static const char *const wait_headers[] = {"X-Backoff", NULL};

static const struct target_calls calls = {
	.at_once = 1,
	.denied_words = "node refuses our signature",
	.wait_headers = wait_headers,
	.next = fake_next,
	.make = fake_make,
	.take = fake_take,
};

static const struct target_calls many_calls = {
	.at_once = FAKE_CALLS_AT_ONCE,
	.denied_words = "node refuses our signature",
	.wait_headers = wait_headers,
	.next = fake_next,
	.make = fake_make,
	.take = fake_take,
	.unsent = fake_unsent,
};

const struct target fake_target_of_many = {
	.name = "fake",
	.handle_kind = HANDLE_NONE,
	.front = &front,
	.scanner = &fake_scanner,
	.remover = &remover,
	.calls = &many_calls,
	.report = fake_report,
};

const struct target fake_target = {
	.name = "fake",
	.handle_kind = HANDLE_NONE,
	.front = &front,
	.scanner = &fake_scanner,
	.remover = &remover,
	.calls = &calls,
	.report = fake_report,
};
