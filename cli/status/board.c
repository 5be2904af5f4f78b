// SPDX-License-Identifier: MPL-2.0
// board: looks at brokers, state topic and database at the same time.
//
// Design notes
// - Libraries and servers may hang for longer than anybody waits for a status. So nobody joins
// these
//   threads: the process ends without them.
// - A look writes into memory of its own, and what it has found takes the place of what was there.
#include "cli/status/board.h"

#include "cli/dead/letter_census.h"
#include "cli/front/front.h"
#include "cli/status/look_brokers.h"
#include "cli/status/look_letters.h"
#include "cli/status/look_rows.h"
#include "cli/status/look_state.h"
#include "common/base/clock.h"
#include "common/base/monitor.h"
#include "common/base/thread.h"
#include "common/kafka/kafka.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// Between the two looks of which a rate is made.
enum { RATE_MS = 2000 };
// Of the deadline, for one question: the rest is for what it takes besides.
enum { ANSWER_PERCENT = 70 };

enum piece { PIECE_LAGS, PIECE_STATE, PIECE_ROWS, PIECE_LETTERS, PIECES };

struct board {
	struct board_setup setup;
	struct look_brokers *brokers;
	char group[TOPIC_NAME_BYTES];
	struct monitor monitor; // guards what follows
	struct view view;
	int looks[PIECES]; // that ended
	int64_t looked_ms[PIECES]; // when the last one did
	// From the last look at the letters to the next one.
	int64_t letters_every_ms;
};

static int64_t answer_ms(const struct board *board) {
	return board->setup.deadline_ms * ANSWER_PERCENT / 100;
}

// Takes note that a look has ended. The caller holds the lock.
static void note(struct board *board, enum piece piece) {
	board->looks[piece]++;
	board->looked_ms[piece] = clock_mono_ms();
	monitor_broadcast(&board->monitor);
}

static void look_at_lags(struct board *board) {
	struct view_lags lags = {.topic_count = 0};
	int err = look_brokers_ask(board->brokers, answer_ms(board), &lags);

	if (err < 0)
		snprintf(lags.source.why, sizeof(lags.source.why), "out of memory");
	lags.source.is_known &= err == 0;
	monitor_lock(&board->monitor);
	view_lags_fini(&board->view.before);
	board->view.before = board->view.lags;
	board->view.lags = lags;
	note(board, PIECE_LAGS);
	monitor_unlock(&board->monitor);
}

static void look_at_state(struct board *board) {
	const struct board_setup *setup = &board->setup;
	struct view_state state = {.range_width = 0};
	int err = look_state_ask(
		setup->kafka,
		setup->front->target->name,
		setup->front->log,
		answer_ms(board),
		&state
	);

	if (err < 0)
		snprintf(state.source.why, sizeof(state.source.why), "out of memory");
	monitor_lock(&board->monitor);
	view_state_fini(&board->view.state);
	board->view.state = state;
	note(board, PIECE_STATE);
	monitor_unlock(&board->monitor);
}

static void look_at_rows(struct board *board) {
	struct view_rows rows;

	look_rows_ask(board->setup.front, answer_ms(board), &rows);
	monitor_lock(&board->monitor);
	board->view.rows = rows;
	note(board, PIECE_ROWS);
	monitor_unlock(&board->monitor);
}

static void look_at_letters(struct board *board) {
	struct view_letters letters;

	if (look_letters_ask(board->setup.front, board->setup.kafka, &letters) < 0)
		snprintf(letters.source.why, sizeof(letters.source.why), "out of memory");
	monitor_lock(&board->monitor);
	board->view.letters = letters;
	note(board, PIECE_LETTERS);
	monitor_unlock(&board->monitor);
}

// --- the threads

static void *run_lags(void *ctx) {
	struct board *board = ctx;

	for (int looks = 1; board->setup.every_ms > 0 || looks <= 2; looks++) {
		look_at_lags(board);
		clock_pause(board->setup.every_ms > 0 ? board->setup.every_ms : RATE_MS);
	}
	return NULL;
}

static void *repeat(struct board *board, void (*look)(struct board *board)) {
	do {
		look(board);
		clock_pause(board->setup.every_ms);
	} while (board->setup.every_ms > 0);
	return NULL;
}

static void *run_state(void *ctx) {
	return repeat(ctx, look_at_state);
}

static void *run_rows(void *ctx) {
	return repeat(ctx, look_at_rows);
}

static void *run_letters(void *ctx) {
	struct board *board = ctx;
	int64_t every_ms;

	do {
		int64_t began_ms = clock_mono_ms();

		look_at_letters(board);
		every_ms = letter_census_rest_ms(clock_mono_ms() - began_ms, board->setup.every_ms);
		monitor_lock(&board->monitor);
		board->letters_every_ms = every_ms;
		monitor_unlock(&board->monitor);
		clock_pause(every_ms);
	} while (board->setup.every_ms > 0);
	return NULL;
}

static int start(struct board *board, void *(*run)(void *ctx)) {
	pthread_t thread;
	int err = thread_start_deaf(&thread, run, board);

	if (err == 0)
		pthread_detach(thread);
	return err;
}

int board_start(
	struct board **out, const struct board_setup *setup, char *error, size_t error_bytes
) {
	struct board *board = calloc(1, sizeof(*board));
	int err;

	if (board == NULL)
		return -ENOMEM;
	board->setup = *setup;
	board->view.target = setup->front->target->name;
	board->view.has_nodes = setup->front->target->calls != NULL;
	board->view.group = board->group;
	board->view.has_no_cursors = !setup->front->target->scanner->has_cursors;
	kafka_group_name(setup->kafka, board->view.target, board->group, sizeof(board->group));
	monitor_init(&board->monitor);
	err = look_brokers_open(
		&board->brokers,
		setup->kafka,
		board->view.target,
		setup->front->log,
		error,
		error_bytes
	);
	if (err < 0) {
		free(board);
		return err;
	}
	*out = board;
	snprintf(error, error_bytes, "cannot start a thread");
	err = start(board, run_lags);
	if (err == 0)
		err = start(board, run_state);
	if (err == 0 && !setup->is_short)
		err = start(board, run_rows);
	if (err == 0 && !setup->is_short)
		err = start(board, run_letters);
	return err;
}

// --- what is known

static bool is_complete(const struct board *board) {
	return board->looks[PIECE_LAGS] >= (board->setup.every_ms > 0 ? 1 : 2) &&
		board->looks[PIECE_STATE] > 0 &&
		(board->setup.is_short ||
		 (board->looks[PIECE_ROWS] > 0 && board->looks[PIECE_LETTERS] > 0));
}

void board_wait(struct board *board, int64_t timeout_ms) {
	struct timespec until = clock_mono_after(timeout_ms);
	bool is_over = false;

	monitor_lock(&board->monitor);
	while (!is_complete(board) && !is_over)
		is_over = !monitor_wait_until(&board->monitor, &until);
	monitor_unlock(&board->monitor);
}

static void check(
	const struct board *board, enum piece piece, struct view_source *source, int64_t now_ms
) {
	int64_t every_ms = piece == PIECE_LETTERS ? board->letters_every_ms : board->setup.every_ms;
	int64_t most_ms = board->setup.deadline_ms + 2 * every_ms;

	if (board->looks[piece] == 0)
		*source = (struct view_source){.why = "there was no answer in time"};
	else if (board->setup.every_ms > 0 && now_ms - board->looked_ms[piece] > most_ms)
		*source = (struct view_source){.why = "there is no answer any more"};
}

void board_show(struct board *board, void (*show)(void *ctx, const struct view *view), void *ctx) {
	int64_t now_ms = clock_mono_ms();
	struct view *view;

	monitor_lock(&board->monitor);
	view = &board->view;
	view->at_ms = clock_wall_ms();
	check(board, PIECE_LAGS, &view->lags.source, now_ms);
	if (!view->lags.source.is_known)
		view->lags.workers_source = view->lags.source;
	check(board, PIECE_STATE, &view->state.source, now_ms);
	check(board, PIECE_ROWS, &view->rows.source, now_ms);
	check(board, PIECE_LETTERS, &view->letters.source, now_ms);
	show(ctx, view);
	monitor_unlock(&board->monitor);
}
