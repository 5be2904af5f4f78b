// SPDX-License-Identifier: MPL-2.0
// target: what differs between kinds of cleanup. A target describes, the engine does.
//
// A target is a const struct of parts, each read by one room. It blocks only where its part says
// so, on the handle that it is given; it opens no connection, starts no thread, keeps no state but
// `config`, the pass's `scan` and a work's `state`. The config is read-only after set_up for the
// scan and for batches; what changes in it belongs to the calls and so to the loop. Slots marked
// optional may be NULL. Thread: any.
#pragma once

#include "common/handle.h"

struct event;
struct metrics;
struct target_calls;
struct target_front;
struct target_remover;
struct target_scanner;

struct target {
	const char *name;
	enum handle_kind handle_kind;
	const struct target_front *front; // cli
	const struct target_scanner *scanner; // producer
	const struct target_remover *remover; // worker
	const struct target_calls *calls; // worker; NULL: nobody is asked
	// Puts an event into the target's own metrics. Thread: scan or loop. optional.
	void (*report)(const void *config, struct metrics *metrics, const struct event *event);
};
