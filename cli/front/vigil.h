// SPDX-License-Identifier: MPL-2.0
// vigil: as long as a command has not begun its work, a stop ends the process at once.
//
// What has to be looked up before may block for many seconds: a database, the brokers. So a thread
// of its own listens meanwhile. It takes TERM and INT alone; all other signals wait for orders.
// Thread: main. Owner: front.
#pragma once

struct log;
struct vigil; // opaque

// The signals are blocked already, by orders_open. The log must outlive it. 0, -ENOMEM, -EAGAIN (no
// thread), -EMFILE.
int vigil_open(struct vigil **out, struct log *log);
// Work begins, or the command ends by itself. A stop that comes later stays for orders. NULL is
// fine.
void vigil_close(struct vigil *vigil);
