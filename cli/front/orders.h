// SPDX-License-Identifier: MPL-2.0
// orders: what the operator orders by signals, and the one stop: asked for, awaited until a
// deadline, cut off.
//
// The commands differ in what they do about it, not in what they understand. Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct log;

struct orders_actions {
	// Logged when a stop is asked for.
	const char *stop_words;
	const char *quiet_words;
	// Bring to its end what is in work; at most once.
	void (*stop)(void *ctx);
	// End the program now: the stop takes too long, or was asked for again. Does not return.
	void (*cut_off)(void *ctx, bool is_late);
	void (*quiet)(void *ctx); // begin nothing new
	void (*resume)(void *ctx);
	void (*scan)(void *ctx); // NULL: this command does not scan
	// Opens again what was moved away, and reads again what can be. False: there is nothing to
	// reload. optional.
	bool (*reload)(void *ctx);
	// A stop is for good; it follows, or has begun. NULL: there is nothing to leave.
	void (*leave)(void *ctx);
};

struct orders {
	const struct orders_actions *actions;
	void *ctx;
	struct log *log;
	int64_t drain_timeout_ms;
	int fd; // polls readable; -1: not open
	bool is_quiet; // by a signal
	bool is_paused; // by orders_pause
	// It rests, and it was told that nothing is in work any more.
	bool is_still;
	bool suspends; // then the process stops, until SIGCONT
	bool stopping;
	int64_t deadline_ms; // of the stop
};

// Blocks the signals in this thread and those that it starts later on, so call it before any. The
// fields before fd are set before the first order is obeyed. 0, or a negative errno after the error
// was told.
int orders_open(struct orders *orders);
void orders_close(struct orders *orders);

// Carries out what was ordered since the last call.
void orders_obey(struct orders *orders, int64_t now_ms);
// Somebody else than a signal wants that nothing new begins, or does no more. Each of the two holds
// by itself: only when neither does, the command goes on. Nothing changes once it stops.
void orders_pause(struct orders *orders, bool is_paused);
// Is nothing new to be begun, by whomsoever?
bool orders_rest(const struct orders *orders);
// While it rests: tells once when nothing is in work any more, with how many records wait (-1: none
// are held). When the quiet was typed at the terminal the process then stops, so that the shell has
// its prompt; it comes back with SIGCONT.
void orders_note_still(struct orders *orders, bool is_still, int64_t waiting);
// The command ends by itself: the deadline runs from now. No action is called.
void orders_end(struct orders *orders, int64_t now_ms);
// Cuts off a stop that takes too long. Call it while there is something to be brought to its end.
void orders_keep_deadline(const struct orders *orders, int64_t now_ms);
