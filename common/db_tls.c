// SPDX-License-Identifier: MPL-2.0
// db_tls: TLS of a database connection.
#include "common/db_tls.h"

#include <errno.h>
#include <stddef.h>

#include "common/db_url.h"

#ifdef MARIADB_BASE_VERSION

// Connector/C verifies the chain as soon as it has a CA, and chain and name with VERIFY_SERVER_CERT; the chain alone,
// without a CA of one's own, it cannot, which db_url refuses.
static int db_tls_set_mode(MYSQL *handle, const struct db_tls *tls) {
	const my_bool enforce = (my_bool)(tls->use == DB_TLS_ON);
	const my_bool verify = (my_bool)(tls->use == DB_TLS_ON && tls->verify_host);
	int failed = 0;

	failed |= mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
	failed |= mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	return failed;
}

#else

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

int db_tls_check(MYSQL *handle, const struct db_tls *tls) {
	if (tls->use == DB_TLS_ON && !mysql_get_ssl_cipher(handle))
		return -EACCES;
	return 0;
}
