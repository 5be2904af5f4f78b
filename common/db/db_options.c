// SPDX-License-Identifier: MPL-2.0
// db_options: what a connection is told before it connects.
#include "common/db/db_options.h"

#include <mysql.h>

#include <errno.h>

#include "common/db/db_tls.h"
#include "common/db/url/db_url.h"

#define DB_MAX_SECONDS 1000000 // the libraries count milliseconds in an int

unsigned db_options_seconds(int64_t ms) {
	if (ms <= 1000)
		return 1;
	if (ms >= (int64_t)DB_MAX_SECONDS * 1000)
		return DB_MAX_SECONDS;
	return (unsigned)((ms + 999) / 1000);
}

struct db_limits db_options_limits(const struct db_url *url, const struct db_limits *limits) {
	struct db_limits result = *limits;

	if (url->connect_timeout_ms)
		result.connect_timeout_ms = url->connect_timeout_ms;
	if (url->read_timeout_ms)
		result.read_timeout_ms = url->read_timeout_ms;
	// Else a row that is locked would look like a server that is lost.
	if (result.lock_wait_timeout_ms >= result.read_timeout_ms)
		result.lock_wait_timeout_ms = result.read_timeout_ms - 1000;
	return result;
}

int db_options_set(
	struct st_mysql *handle, const struct db_url *url, const struct db_limits *limits
) {
	unsigned protocol = url->unix_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned connect_s = db_options_seconds(limits->connect_timeout_ms);
	unsigned read_s = db_options_seconds(limits->read_timeout_ms);
	unsigned write_s = url->write_timeout_ms ? db_options_seconds(url->write_timeout_ms)
						 : read_s;
	unsigned infile = 0;
	int failed = 0;

	failed |= mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	failed |= mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &read_s);
	failed |= mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &write_s);
	failed |= mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &infile);
	failed |= mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol);
	failed |= mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	failed |= db_tls_set(handle, &url->tls);
	return failed ? -EINVAL : 0;
}
