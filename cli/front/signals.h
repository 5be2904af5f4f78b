// SPDX-License-Identifier: MPL-2.0
// signals: what the operator wants, as a file descriptor instead of handlers. Thread: loop.
#pragma once

enum signals_wish {
	SIGNALS_NOTHING,
	SIGNALS_STOP, // TERM, INT
	SIGNALS_QUIET, // TSTP: begin nothing new
	// The same, typed at the terminal of a shell that wants its prompt back.
	SIGNALS_SUSPEND,
	SIGNALS_RESUME, // CONT: after either
	SIGNALS_RELOAD, // HUP
	SIGNALS_SCAN, // USR1
	// USR2: stop, and do not come back.
	SIGNALS_LEAVE,
};

// Blocks the signals in this thread and those it starts from now on; returns a descriptor that
// polls readable, or a negative errno. Call it before any thread is started.
int signals_open(void);
// Blocks nothing: another descriptor, which polls readable when SIGNALS_STOP is wished for, and is
// not to be read. Or a negative errno.
int signals_open_stops(void);
enum signals_wish signals_read(int fd); // never blocks; one wish a call
