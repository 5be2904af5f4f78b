// SPDX-License-Identifier: MPL-2.0
// process: what the program asks of the operating system, once, at its start.
// Thread: main, before any other.
#pragma once

#include <stdint.h>

// A crash must not leave a secret or anyone's data on disk. Call it before anything is read.
void process_forbid_core_dumps(void);
// A reader that went away is an error of the write, as a full disk is: neither it nor a connection
// that was closed ends the process without a word.
void process_hear_of_closed_pipes(void);
// Each request may hold a connection, and each connection kept is a descriptor.
void process_allow_many_files(void);

// For the databases, the brokers, what the libraries need inside, and what was handed down.
enum { PROCESS_FILES_RESERVED = 100 };

// How many of the files that this process may have open are left for connections to nodes; at least
// 0.
int64_t process_files_for_nodes(void);
