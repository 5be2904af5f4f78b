// SPDX-License-Identifier: MPL-2.0
// odd_server: a server whose defaults are the opposite of what a session wants. It is the server of
// test_database.h, with tables (texts, parents, children) and two users that are no administrators:
// 'reader' may SELECT, 'writer' INSERT and DELETE.
//
// Whatever fails fails the running test. Thread: the one that runs the tests.
#pragma once

#include "common/db/db.h"

// Set-up of the group; its tear-down is test_database_stop.
int odd_server_start(void **state);

// A connection as "user:password@host", with a query of the URL or "".
struct db *open_as(const char *user_and_host, const char *query);
