// SPDX-License-Identifier: MPL-2.0
// db_url_tls: what the ssl parameters of a database URL mean together.
#include "common/db/url/db_url_tls.h"

#include "common/base/words.h"

#include <errno.h>

static bool db_url_has_ca(const struct db_url_query *q) {
	return q->ca || q->capath;
}

static bool db_url_is_tls_off(const struct db_url_query *q) {
	return q->ssl == ANSWER_NO || q->disabled == ANSWER_YES || q->mode == MODE_DISABLED;
}

static bool db_url_is_tls_on(const struct db_url_query *q) {
	return q->ssl == ANSWER_YES || q->disabled == ANSWER_NO || q->mode > MODE_DISABLED ||
		db_url_has_ca(q) || q->cert || q->key || q->cipher ||
		q->verify_cert == ANSWER_YES || q->verify_host == ANSWER_YES;
}

// Says what contradicts what; NULL: nothing.
static const char *db_url_find_conflict(const struct db_url_query *q) {
	if (db_url_is_tls_on(q) && db_url_is_tls_off(q))
		return "the URL (with its option file) switches TLS off and also asks for it";
	if (q->verify_cert == ANSWER_NO && (db_url_has_ca(q) || q->mode > MODE_REQUIRED))
		return "ssl_verify_cert=false contradicts another ssl parameter";
	if (q->verify_cert == ANSWER_NO && q->verify_host == ANSWER_YES)
		return "ssl_check_hostname=true contradicts ssl_verify_cert=false";
	if (q->mode == MODE_VERIFY_IDENTITY && q->verify_host == ANSWER_NO)
		return "ssl_check_hostname=false contradicts ssl_mode=VERIFY_IDENTITY";
	if (q->mode == MODE_VERIFY_CA && q->verify_host == ANSWER_YES)
		return "ssl_check_hostname=true contradicts ssl_mode=VERIFY_CA";
	if (!q->cert != !q->key)
		return "ssl_cert and ssl_key go together";
	return NULL;
}

// ssl-verify-server-cert is about the name; without an authority of one's own it is about the whole
// certificate.
static void db_url_settle_server(struct db_url_query *q) {
	enum db_url_answer *answer = &q->verify_host;

	if (q->verify_server == ANSWER_NO && !db_url_has_ca(q))
		answer = &q->verify_cert;
	if (*answer == ANSWER_NONE)
		*answer = q->verify_server;
}

int db_url_settle_tls(
	const struct db_url_query *query, struct db_tls *tls, const struct words *note
) {
	struct db_url_query copy = *query;
	const struct db_url_query *q = &copy;
	const char *conflict;

	db_url_settle_server(&copy);
	conflict = db_url_find_conflict(q);
	if (conflict)
		return words_say(note, -EINVAL, "%s", conflict);
	tls->ca = q->ca;
	tls->capath = q->capath;
	tls->cert = q->cert;
	tls->key = q->key;
	tls->cipher = q->cipher;
	if (db_url_is_tls_off(q))
		tls->use = DB_TLS_OFF;
	if (!db_url_is_tls_on(q))
		return 0;
	tls->use = DB_TLS_ON;
	tls->verify_cert = q->verify_cert != ANSWER_NO;
	tls->verify_host = tls->verify_cert && q->verify_host != ANSWER_NO &&
		q->mode != MODE_VERIFY_CA;
	if (tls->verify_cert && !tls->verify_host && !db_url_has_ca(q))
		return words_say(
			note, -EINVAL, "a certificate whose host is not checked needs ssl_ca"
		);
	return 0;
}
