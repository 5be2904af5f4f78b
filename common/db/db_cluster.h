// SPDX-License-Identifier: MPL-2.0
// db_cluster: what a connection to a node of a Galera cluster does besides.
//
// Internal to db. Thread: the connection's.
#pragma once

#include <mysql.h>
#include <stdbool.h>

// Does this error, the last one, say that the node is cut off from the others or does not keep up
// with them, so that no statement is to blame? May ask the server.
bool db_cluster_is_away(MYSQL *handle, unsigned number, const char *words);
