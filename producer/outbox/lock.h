// SPDX-License-Identifier: MPL-2.0
// lock: the scanner's lock, as the journal sees it: one scanner at a time.
//
// A kind of lock is made by its own file and knows where it is and what it is called. Whoever has
// one needs only what stands here. Two scanners at once purge nothing wrongly: they publish twice.
#pragma once

struct lock;

// Thread: scan, for every slot; `free` is the main thread's when no scan thread was ever made.
struct lock_ops {
	// Before each pass. Takes the lock, or makes sure that it is still held. Waits for no other
	// holder, but may block on where the lock is, for 10 s an answer. Returns 0; -EBUSY:
	// another process has it, and the caller stands by; -ENOTCONN: where the lock is cannot be
	// reached now; -ENOLCK: a lock would not hold everywhere here; or another error, which does
	// not pass by itself. After an error the lock is not held.
	int (*take)(struct lock *lock);
	// Before each cursor, and once a second while the pass waits for the
	// workers. Asks whether the lock
	// is still held; may block as `take` does. Returns 0; -ESTALE: it is not, and then it
	// counts as given back.
	int (*verify)(struct lock *lock);
	// After an error of the two above: its words, never NULL. Does not block. The lock owns
	// them, until the next call of one of the two.
	const char *(*error)(const struct lock *lock);
	// Once, as the last call. Gives the lock back when it is held and frees it; may block as
	// `take` does.
	void (*free)(struct lock *lock);
};

struct lock {
	const struct lock_ops *ops;
};
