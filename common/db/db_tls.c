// SPDX-License-Identifier: MPL-2.0
// db_tls: TLS of a database connection.
#include "common/db/db_tls.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/db/url/db_url.h"

#ifdef MARIADB_BASE_VERSION

// Of Connector/C. 3.4 takes a certificate that nobody signed when the password or the way
// (127.0.0.1, ::1, a socket) makes up for it, and checks no name on that way. Without
// VERIFY_SERVER_CERT 3.4.10 checks chain and name whenever it has a CA, 3.4.8 nothing at all.
#define DB_TLS_TRUSTING_VERSION 30400
// MARIADB_TLS_VERIFY_STATUS, which the headers of 3.3 do not have.
#define DB_TLS_STATUS (MARIADB_CONNECTION_BYTES_SENT + 2)

static bool db_tls_is_trusting(void) {
	return mysql_get_client_version() >= DB_TLS_TRUSTING_VERSION;
}

static bool db_tls_is_near(const struct db_url *url) {
	return url->unix_socket || strcmp(url->host, "127.0.0.1") == 0 ||
		strcmp(url->host, "::1") == 0;
}

static bool db_tls_is_verified(MYSQL *handle) {
	unsigned status = 0;

	// It has refused what it could not verify.
	if (!db_tls_is_trusting())
		return true;
	return mariadb_get_infov(handle, (enum mariadb_value)DB_TLS_STATUS, &status) == 0 &&
		status == 0;
}

// 3.3 verifies the chain as soon as it has a CA, and chain and name with VERIFY_SERVER_CERT; the
// chain alone, without a CA of one's own, it cannot, which db_url refuses. 3.4 is asked for both
// wherever one is wanted: rather more than nothing.
static int db_tls_set_mode(MYSQL *handle, const struct db_tls *tls) {
	const my_bool enforce = (my_bool)(tls->use == DB_TLS_ON);
	const my_bool verify = (my_bool
	)(tls->use == DB_TLS_ON && (tls->verify_host || (tls->verify_cert && db_tls_is_trusting()))
	);
	int failed = 0;

	failed |= mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
	failed |= mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	return failed;
}

const char *db_tls_gap(const struct db_url *url) {
	if (url->tls.use != DB_TLS_ON || !url->tls.verify_host || !db_tls_is_trusting() ||
	    !db_tls_is_near(url))
		return NULL;
	return "this client library (Connector/C 3.4 and later) does not check the name in the "
	       "certificate at 127.0.0.1, ::1 and sockets: connect to a name that it is made "
	       "out to (localhost is one), or write ssl_mode=VERIFY_CA with ssl_ca";
}

const char *db_tls_hint(const struct db_tls *tls) {
	if (tls->use != DB_TLS_ON || !tls->verify_cert || tls->verify_host || !db_tls_is_trusting())
		return NULL;
	return "this client library (Connector/C 3.4 and later) checks the host's name with "
	       "ssl_mode=VERIFY_CA, too: connect to a name that the certificate is made out to";
}

#else

static bool db_tls_is_verified(MYSQL *handle) {
	(void)handle;
	return true;
}

static int db_tls_set_mode(MYSQL *handle, const struct db_tls *tls) {
	unsigned mode = SSL_MODE_DISABLED;

	if (tls->use == DB_TLS_ON && tls->verify_host)
		mode = SSL_MODE_VERIFY_IDENTITY;
	else if (tls->use == DB_TLS_ON && tls->verify_cert)
		mode = SSL_MODE_VERIFY_CA;
	else if (tls->use == DB_TLS_ON)
		mode = SSL_MODE_REQUIRED;
	return mysql_options(handle, MYSQL_OPT_SSL_MODE, &mode);
}

const char *db_tls_gap(const struct db_url *url) {
	(void)url;
	return NULL;
}

const char *db_tls_hint(const struct db_tls *tls) {
	(void)tls;
	return NULL;
}

#endif

int db_tls_set(MYSQL *handle, const struct db_tls *tls) {
	int failed = 0;

	if (tls->use == DB_TLS_UNSAID)
		return 0;
	if (tls->ca)
		failed |= mysql_options(handle, MYSQL_OPT_SSL_CA, tls->ca);
	if (tls->capath)
		failed |= mysql_options(handle, MYSQL_OPT_SSL_CAPATH, tls->capath);
	if (tls->cert)
		failed |= mysql_options(handle, MYSQL_OPT_SSL_CERT, tls->cert);
	if (tls->key)
		failed |= mysql_options(handle, MYSQL_OPT_SSL_KEY, tls->key);
	if (tls->cipher)
		failed |= mysql_options(handle, MYSQL_OPT_SSL_CIPHER, tls->cipher);
	failed |= db_tls_set_mode(handle, tls);
	return failed ? -EINVAL : 0;
}

const char *db_tls_fault(MYSQL *handle, const struct db_tls *tls) {
	if (tls->use != DB_TLS_ON)
		return NULL;
	if (!mysql_get_ssl_cipher(handle))
		return "TLS was asked for, the connection has none";
	if (tls->verify_cert && !db_tls_is_verified(handle))
		return "the server's certificate is signed by no authority that is known: name "
		       "one with ssl_ca";
	return NULL;
}

// The libraries say neither which file nor which parameter, and never notice a directory that is
// missing.
bool db_tls_lacks_file(const struct db_tls *tls, char *words, size_t words_bytes) {
	const struct {
		const char *name, *path;
	} files[] = {
		{"ssl_ca", tls->ca},
		{"ssl_capath", tls->capath},
		{"ssl_cert", tls->cert},
		{"ssl_key", tls->key},
	};

	for (size_t i = 0; tls->use == DB_TLS_ON && i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].path == NULL || access(files[i].path, R_OK) == 0)
			continue;
		snprintf(
			words,
			words_bytes,
			"%s=%.200s: %s",
			files[i].name,
			files[i].path,
			strerror(errno)
		);
		return true;
	}
	return false;
}
