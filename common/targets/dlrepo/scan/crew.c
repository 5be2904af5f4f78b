// SPDX-License-Identifier: MPL-2.0
// crew: threads that go over the files of a repository together.
//
// Design notes
// - The threads live as long as a step: to start one costs as much as to look at some ten files,
//   and nobody has to tell them to stop. Each has its share of a step, so they end at about the
//   same time.
// - While less directories wait than there are members, as at the beginning, where only the top
//   ones are known, steps are short.
#include "common/targets/dlrepo/scan/crew.h"

#include "common/base/thread.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/repo/walk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SHORT_ROWS = 500 };

struct hand {
	struct crew_member member;
	const struct crew_order *order; // of this step
	pthread_t thread;
	bool has_thread;
};

struct crew {
	struct walk *walk;
	struct hand **hands;
	size_t count;
	size_t running; // in this step, the first ones
};

static void free_hand(struct hand *hand) {
	if (hand == NULL)
		return;
	page_fini(&hand->member.page);
	record_writer_free(hand->member.writer);
	walker_free(hand->member.walker);
	free(hand);
}

static struct hand *new_hand(struct walk *walk) {
	struct hand *hand = calloc(1, sizeof(*hand));

	if (hand == NULL)
		return NULL;
	page_init(&hand->member.page);
	hand->member.walker = walker_new(walk);
	hand->member.writer = record_writer_new();
	if (hand->member.walker != NULL && hand->member.writer != NULL)
		return hand;
	free_hand(hand);
	return NULL;
}

static int take_hands_on(struct crew *crew, size_t threads) {
	crew->hands = calloc(threads, sizeof(struct hand *));
	if (crew->hands == NULL)
		return -ENOMEM;
	for (; crew->count < threads; crew->count++) {
		crew->hands[crew->count] = new_hand(crew->walk);
		if (crew->hands[crew->count] == NULL)
			return -ENOMEM;
	}
	return 0;
}

int crew_new(struct crew **out, int root, const char *const *tops, size_t threads) {
	struct crew *crew = calloc(1, sizeof(*crew));
	int err = crew == NULL ? -ENOMEM : walk_open(&crew->walk, root, tops);

	if (err == 0)
		err = take_hands_on(crew, threads);
	if (err < 0)
		crew_free(crew);
	else
		*out = crew;
	return err;
}

void crew_free(struct crew *crew) {
	if (crew == NULL)
		return;
	for (size_t i = 0; i < crew->count; i++)
		free_hand(crew->hands[i]);
	free(crew->hands);
	walk_close(crew->walk);
	free(crew);
}

// --- who takes part

static void swap(struct hand **one, struct hand **other) {
	struct hand *kept = *one;

	*one = *other;
	*other = kept;
}

// Puts those that are inside of a directory first. Returns how many they are.
static size_t sort_inside_first(struct crew *crew) {
	size_t inside = 0;

	for (size_t i = 0; i < crew->count; i++) {
		if (walker_is_inside(crew->hands[i]->member.walker))
			swap(&crew->hands[inside++], &crew->hands[i]);
	}
	return inside;
}

static void muster(struct crew *crew, size_t most) {
	size_t busy = sort_inside_first(crew) + walk_waiting(crew->walk);

	crew->running = busy < crew->count ? busy : crew->count;
	if (crew->running > most)
		crew->running = most;
}

// --- a step

static void *run(void *arg) {
	struct hand *hand = arg;

	hand->order->work(hand->order->ctx, &hand->member);
	return NULL;
}

// Without a thread it is done by this one, later.
static void start(struct hand *hand) {
	hand->has_thread = thread_start_deaf(&hand->thread, run, hand) == 0;
}

static void finish(struct hand *hand) {
	if (hand->has_thread)
		pthread_join(hand->thread, NULL);
	else
		run(hand);
	hand->has_thread = false;
}

static void hand_out(struct crew *crew, const struct crew_order *order) {
	size_t share = (order->rows + crew->count - 1) / crew->count;

	if (crew->running < crew->count && share > SHORT_ROWS)
		share = SHORT_ROWS;
	for (size_t i = 0; i < crew->running; i++) {
		crew->hands[i]->order = order;
		crew->hands[i]->member.rows = share;
	}
}

static int collect(struct crew_member *member, struct page *page, struct crew_found *found) {
	int err = member->err;

	page_merge(page, &member->page);
	found->files += member->files;
	found->orphans += member->orphans;
	found->put += member->put;
	found->put_bytes += member->put_bytes;
	member->files = member->orphans = member->put = member->put_bytes = 0;
	member->err = 0;
	return err;
}

int crew_step(
	struct crew *crew,
	const struct crew_order *order,
	struct page *page,
	struct crew_found *found
) {
	int err = 0;

	muster(crew, order->most);
	hand_out(crew, order);
	for (size_t i = 1; i < crew->running; i++)
		start(crew->hands[i]);
	for (size_t i = 0; i < crew->running; i++)
		finish(crew->hands[i]);
	for (size_t i = 0; i < crew->running; i++) {
		int of_one = collect(&crew->hands[i]->member, page, found);

		err = err == 0 ? of_one : err;
	}
	return err;
}

bool crew_is_done(const struct crew *crew) {
	if (walk_waiting(crew->walk) > 0)
		return false;
	for (size_t i = 0; i < crew->count; i++) {
		if (walker_is_inside(crew->hands[i]->member.walker))
			return false;
	}
	return true;
}
