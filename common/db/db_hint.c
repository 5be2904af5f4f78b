// SPDX-License-Identifier: MPL-2.0
// db_hint: what an operator can do about a connection that failed.
#include "common/db/db_hint.h"

#include <stdio.h>
#include <strings.h>

#include "common/db/url/db_url.h"

const char *db_hint(unsigned number, const struct db_url *url, const char *tls_hint) {
	switch (number) {
	case 1040:
	case 1203:
	case 1226:
		return "a limit of the server's, for this user or for all: raise it; of "
		       "connections, --batch-threads needs fewer";
	case 1044:
		return "or there is no such database: an account with few rights is told this for "
		       "both";
	case 1045:
		return url->tls.use != DB_TLS_ON
			? "or the server, or the account, insists on TLS, which MariaDB tells in "
			  "these words: then add ssl_ca=FILE or ssl=true to the URL"
			: NULL;
	case 2002:
	case 2003:
		return url->unix_socket == NULL && strcasecmp(url->host, "localhost") == 0
			? "localhost means TCP here: for a socket write ?unix_socket=PATH"
			: NULL;
	case 2026:
		return tls_hint;
	case 3159:
		return "the server insists on TLS: add ssl_ca=FILE or ssl=true to the URL";
	case 3955:
		return "failed logins have locked the account: mend the password wherever it is "
		       "used, then ALTER USER ... ACCOUNT UNLOCK";
	case 4150:
		return "failed logins have blocked the account: mend the password wherever it is "
		       "used, then FLUSH PRIVILEGES";
	default:
		return NULL;
	}
}

void db_hint_say(
	const struct db_failure *failure, const struct db_url *url, char *out, size_t out_bytes
) {
	const char *hint = db_hint(failure->number, url, failure->tls_hint);
	char port[16] = "";

	if (!url->unix_socket)
		snprintf(port, sizeof(port), ":%u", url->port);
	snprintf(
		out,
		out_bytes,
		"%s%s: %s%s%s",
		db_url_host(url),
		port,
		failure->words,
		hint ? "; " : "",
		hint ? hint : ""
	);
}
