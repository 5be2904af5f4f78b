// SPDX-License-Identifier: MPL-2.0
// db_error: what an error number of the server or of its client library means to us.
//
// 1000 and up come from the server, 2000 to 2999 from the client library, 5000 and up from
// MariaDB's own client library. The two families of servers and of libraries name them differently,
// so they are plain numbers here.
#include "common/db/db_error.h"

#include <errno.h>
#include <stddef.h>

#define LOCK_WAIT 1205 // for rows and for metadata
#define LOCK_NOWAIT 3572

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct db_error_row {
	unsigned number;
	int error;
};

static const struct db_error_row db_error_rows[] = {
	// Record has changed since it was read.
	{1020, -EAGAIN},
	{LOCK_WAIT, -EAGAIN},
	{1213, -EAGAIN}, // deadlock, or a cluster's certification conflict
	// The statement was ended by KILL QUERY.
	{1317, -EAGAIN},
	{1412, -EAGAIN}, // table definition has changed
	{3101, -EAGAIN}, // group replication rolled back

	// The server as a whole has no room now; no row is to blame, and an operator can make some.
	{1021, -EAGAIN}, // disk full
	{1026, -EAGAIN}, // cannot write a file
	{1037, -EAGAIN}, // out of memory
	{1038, -EAGAIN}, // out of memory for sorting
	{1041, -EAGAIN}, // out of resources
	// The table, or its tablespace, is full.
	{1114, -EAGAIN},
	{1135, -EAGAIN}, // cannot make a thread
	{1206, -EAGAIN}, // too many locks
	{1598, -EAGAIN}, // cannot write the binary log

	{LOCK_NOWAIT, -EAGAIN},

	{1040, -ENOTCONN}, // too many connections
	{1042, -ENOTCONN}, // cannot get the host name
	{1043, -ENOTCONN}, // bad handshake
	{1047, -ENOTCONN}, // cluster node not ready
	{1053, -ENOTCONN}, // shutdown in progress
	{1079, -ENOTCONN}, // shutdown complete
	{1080, -ENOTCONN}, // forced close
	// Our host is blocked for many connection errors.
	{1129, -ENOTCONN},
	{1152, -ENOTCONN}, // aborted connection
	{1158, -ENOTCONN}, // network read
	{1159, -ENOTCONN}, // network read timeout
	{1160, -ENOTCONN}, // network write
	{1161, -ENOTCONN}, // network write timeout
	{1184, -ENOTCONN}, // aborted new connection
	{1203, -ENOTCONN}, // the user's connections
	{1226, -ENOTCONN}, // the user's resources
	{1290, -ENOTCONN}, // --read-only: no longer the primary
	{1792, -ENOTCONN}, // read-only transaction
	{1836, -ENOTCONN}, // read-only mode
	{1927, -ENOTCONN}, // connection was killed
	{2001, -ENOTCONN}, // cannot create a socket
	{2002, -ENOTCONN}, // cannot connect
	{2003, -ENOTCONN}, // cannot connect to the host
	{2004, -ENOTCONN}, // cannot create a TCP socket
	{2005, -ENOTCONN}, // unknown host
	{2006, -ENOTCONN}, // server has gone away
	{2012, -ENOTCONN}, // error in the handshake
	{2013, -ENOTCONN}, // lost connection during a query
	// Commands out of sync: the handle is of no more use.
	{2014, -ENOTCONN},
	{2027, -ENOTCONN}, // malformed packet
	{2055, -ENOTCONN}, // lost connection, with the system's error
	{3032, -ENOTCONN}, // offline mode
	{3169, -ENOTCONN}, // session was killed
	{4031, -ENOTCONN}, // closed for being idle
	{5013, -ENOTCONN}, // network read
	{5014, -ENOTCONN}, // network write
	// ProxySQL: no server took a connection in time.
	{9001, -ENOTCONN},

	{1969, -ETIME}, // max_statement_time
	{3024, -ETIME}, // MAX_EXECUTION_TIME

	{1044, -EACCES}, // no right to the database
	{1045, -EACCES}, // wrong user or password
	{1130, -EACCES}, // our host is not allowed
	{1142, -EACCES}, // no right to the table
	{1143, -EACCES}, // no right to the column
	{1227, -EACCES}, // no such privilege
	{1251, -EACCES}, // authentication protocol
	{1370, -EACCES}, // no right to the routine
	{1524, -EACCES}, // authentication plugin is not there
	{1698, -EACCES}, // wrong user, without a password
	{1820, -EACCES}, // the password must be changed
	{1862, -EACCES}, // the password has expired
	{2026, -EACCES}, // TLS: not offered, or not trusted
	{2049, -EACCES}, // old authentication protocol
	{2059, -EACCES}, // authentication plugin cannot be loaded
	{2061, -EACCES}, // authentication plugin failed
	{3118, -EACCES}, // account locked
	{3159, -EACCES}, // the server insists on TLS
	{3955, -EACCES}, // account locked by failed logins
	{4150, -EACCES}, // account blocked by failed logins
	{4151, -EACCES}, // account locked

	{1049, -ENOENT}, // database
	{1054, -ENOENT}, // column
	{1109, -ENOENT}, // table
	{1146, -ENOENT}, // table
	{1932, -ENOENT}, // table, in its engine

	{1217, -EBUSY}, // foreign key
	{1451, -EBUSY}, // foreign key

	{1300, -EILSEQ}, // invalid character string
	{1366, -EILSEQ}, // incorrect string value
	{1977, -EILSEQ}, // cannot convert between character sets
	{3988, -EILSEQ}, // cannot convert between character sets

	// binlog_format=STATEMENT does not go with READ COMMITTED.
	{1665, -ENOTSUP},
	{2008, -ENOMEM},
};

static const unsigned db_error_breaks[] = {
	1152,
	1158,
	1159,
	1160,
	1161,
	1927,
	2006,
	2013,
	2014,
	// Over TLS a connection that breaks is an error of TLS.
	2026,
	2027,
	2055,
	3169,
	5013,
	5014,
};

int db_error_class(unsigned number) {
	if (number == 0)
		return 0;
	for (size_t i = 0; i < COUNT_OF(db_error_rows); i++) {
		if (db_error_rows[i].number == number)
			return db_error_rows[i].error;
	}
	return -EIO;
}

bool db_error_is_lock_wait(unsigned number) {
	return number == LOCK_WAIT || number == LOCK_NOWAIT;
}

bool db_error_is_break(unsigned number) {
	for (size_t i = 0; i < COUNT_OF(db_error_breaks); i++) {
		if (db_error_breaks[i] == number)
			return true;
	}
	return false;
}

bool db_error_is_limit(unsigned number) {
	return number == 1040 || number == 1203 || number == 1226;
}
